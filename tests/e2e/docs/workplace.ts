import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopbackHub } from '../../files/hub/loopback_hub.js';
import { folderFiles } from '../../files/hub/support.js';
import { randomAdapter } from '../../support/adapters.js';
import { withIdTokenizer } from '../../support/captioners.js';
import { storiesWithHeads } from '../../support/heads.js';
import { writeFiles } from '../../support/in_folder.js';
import { clipCapFile, randomTensors, transformerShapes } from '../../support/mappers.js';
import { memoryTarget } from '../../support/memory_target.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { ROOT } from './code_blocks.js';

const TINY = join(ROOT, 'tests/fixtures/stories-tiny');
const CLI = join(ROOT, 'build/esm/cli.js');

const STORIES = [
  'Once upon a time there was a little dog. The dog liked to run in the park.',
  'One day Lily saw a red ball. She said, "Can I have it?" Her mom said yes.',
  'Tom had a big box. He put his toys in the box and went to bed.',
  'The cat sat on the mat. It was a sunny day, and the cat was happy.',
];

/** Starts a hub on this machine that has `openai-community/gpt2`: a model of a million parameters. */
export const startHub = (): Promise<LoopbackHub> =>
  LoopbackHub.start({ 'openai-community/gpt2': { files: folderFiles(TINY) } });

/**
 * Makes the files that the examples of the documents name, and gives their folder:
 *
 * - `gpt2/`: a model of a million parameters
 * - `vit-gpt2/`: a captioner with random weights; `photo.jpg`, `drawing.png`, `frames/`: images
 * - `gpt2.Q8_0.gguf`: the same as GGUF
 * - `poems-adapter/`, `formal/`: LoRA adapters for it
 * - `story-prompt/`, `clipcap/`: a soft prompt for it; the same model with a mapper of 512 features
 * - `judge/`: the same model with heads of random numbers for classes, tags, answers and rewards
 * - `decoder/`: a model with cross-attention, without a tokenizer
 * - `notes/`, `poems/`, `chats.jsonl`, `stories.txt`, `titles.txt`: texts
 * - `bin/npx`, `bin/gpt2-wasm`: the command line of this repository
 */
export async function makeSharedFiles(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-docs-'));
  const { loadTokenizer, convertModel, inspectModel } = await import(join(ROOT, 'build/esm/index.js'));
  const { writeAdapter } = await import(join(ROOT, 'build/esm/train.js'));

  cpSync(TINY, join(folder, 'gpt2'), { recursive: true });
  for (const [file, text] of Object.entries((await loadTokenizer(TINY)).files())) {
    writeFileSync(join(folder, 'gpt2', file), text as string);
  }
  const gguf: Uint8Array[] = [];
  for await (const piece of (await convertModel(TINY, { weights: 'q8' })).bytes()) gguf.push(piece.slice());
  writeFileSync(join(folder, 'gpt2.Q8_0.gguf'), Buffer.concat(gguf));

  const image = (name: string) => join(ROOT, 'tests/fixtures/cross/images', name);
  writeFiles(join(folder, 'vit-gpt2'), withIdTokenizer('vit-gpt2'));
  cpSync(image('wide.jpg'), join(folder, 'photo.jpg'));
  cpSync(image('palette.png'), join(folder, 'drawing.png'));
  mkdirSync(join(folder, 'frames'));
  for (const [i, name] of ['wide.png', 'exact.png'].entries())
    cpSync(image(name), join(folder, 'frames', `${i}.png`));

  const { config } = await inspectModel(TINY);
  for (const [seed, name] of ['poems-adapter', 'formal'].entries()) {
    const adapter = randomAdapter(config, seed, 2, ['attn.c_attn']);
    const target = memoryTarget();
    await writeAdapter(target, adapter, 'gpt2');
    mkdirSync(join(folder, name));
    for (const [file, bytes] of Object.entries(target.files)) writeFileSync(join(folder, name, file), bytes);
  }

  const { channels } = config;
  makeSoftPrompt(join(folder, 'story-prompt'), channels);
  cpSync(join(folder, 'gpt2'), join(folder, 'clipcap'), { recursive: true });
  const shapes = transformerShapes({ features: 512, channels, made: 2, vectors: 5, layers: 1 });
  const gpt2 = readFileSync(join(TINY, 'model.safetensors'));
  writeFileSync(join(folder, 'clipcap/model.safetensors'), clipCapFile(gpt2, randomTensors(shapes, 1)));

  const labels = { id2label: { 0: 'glad', 1: 'sad' } };
  const heads = {
    'score.weight': [2, channels],
    'classifier.weight': [2, channels],
    'qa_outputs.weight': [2, channels],
  };
  writeFiles(
    join(folder, 'judge'),
    storiesWithHeads({ ...heads, 'v_head.summary.weight': [1, channels] }, labels),
  );

  cpSync(join(ROOT, 'tests/fixtures/cross/gpt2'), join(folder, 'decoder'), { recursive: true });
  for (const name of ['notes', 'poems']) {
    mkdirSync(join(folder, name));
    for (const [i, text] of STORIES.entries()) writeFileSync(join(folder, name, `${i}.txt`), text);
  }
  const chats = STORIES.map((text) =>
    JSON.stringify({ prompt: text.slice(0, 20), completion: text.slice(20) }),
  );
  writeFileSync(join(folder, 'chats.jsonl'), chats.join('\n'));
  writeFileSync(join(folder, 'stories.txt'), STORIES.join('<|endoftext|>'));
  writeFileSync(join(folder, 'titles.txt'), STORIES.flatMap((text) => text.split('. ')).join('\n'));

  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/gpt2-wasm'), 'junction');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/gpt2-wasm'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
  writeFileSync(join(folder, 'bin/npx'), '#!/bin/sh\nexec "$@"\n');
  for (const name of ['gpt2-wasm', 'npx']) chmodSync(join(folder, 'bin', name), 0o755);
  return folder;
}

/** A soft prompt of 4 vectors as PEFT saves it. */
function makeSoftPrompt(folder: string, channels: number): void {
  const config = { peft_type: 'PROMPT_TUNING', num_virtual_tokens: 4, token_dim: channels };
  mkdirSync(folder);
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
  const tensors = randomTensors({ prompt_embeddings: [4, channels] }, 1);
  writeFileSync(join(folder, 'adapter_model.safetensors'), safetensorsOf(tensors));
}

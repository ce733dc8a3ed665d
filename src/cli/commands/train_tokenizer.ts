import { type Command, Option } from 'commander';
import { counted } from '../../base/counted.js';
import { humanBytes } from '../../base/human_bytes.js';
import type { DataFile } from '../../files/data_file.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { trainTokenizer } from '../../tokenizer/train/train_tokenizer.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { findData } from '../inputs/find_data.js';
import { parseNumber } from '../options/parse.js';
import { helpOption } from '../terminal/help.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `
DATA are text files, in which <|endoftext|> separates documents, JSON lines with
"text" or with "prompt" and "completion" (.jsonl, .ndjson), and folders of them;
.gz is unpacked. The same data gives the same tokenizer in any order. Of equally
frequent pairs the one with the lower ids is merged first, as in Hugging Face's
trainer. <|endoftext|> gets the last id.

DIR gets tokenizer.json, vocab.json, merges.txt and tokenizer_config.json; other
files in it stay.

Examples:
  gpt2-wasm train-tokenizer stories.txt.gz --vocab-size 4096 --out my-model
  gpt2-wasm train-tokenizer notes/ chats.jsonl --vocab-size 8192 --out my-model`;

interface Values {
  readonly vocabSize: number;
  readonly minFrequency: number;
  readonly out: string;
  readonly quiet?: true;
}

/** What was read, for the closing line. */
interface Read {
  documents: number;
  characters: number;
}

export function addTrainTokenizer(program: Command): void {
  program
    .command('train-tokenizer')
    .summary('make a tokenizer for your own text')
    .description('Train a byte-level BPE tokenizer, as GPT-2 has it, on your own text.')
    .argument('<data...>', 'files and folders of text')
    .addOption(
      new Option('--vocab-size <count>', 'tokens to have, 256 bytes and <|endoftext|> included')
        .argParser(parseNumber)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--out <dir>', 'folder for the files').makeOptionMandatory())
    .addOption(
      new Option('--min-frequency <count>', 'merge only pairs that stand at least this often')
        .argParser(parseNumber)
        .default(2),
    )
    .addOption(new Option('--quiet', 'no progress and figures, only errors'))
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action(trainFromFiles);
}

async function trainFromFiles(paths: readonly string[], values: Values): Promise<void> {
  const { vocabSize, minFrequency, out, quiet } = values;
  const { files } = await findData(paths, quiet);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const reading = quiet ? undefined : reportProgress(process.stderr, 'reading');
  const learning = quiet ? undefined : reportProgress(process.stderr, 'learning');
  const read: Read = { documents: 0, characters: 0 };
  const target = folderTarget(out);
  try {
    const tokenizer = await trainTokenizer(
      texts(files, signal, (progress) => reading?.update(progress), read),
      {
        ...{ vocabSize, minFrequency, signal },
        onProgress({ done, total }) {
          reading?.end();
          learning?.update({ loaded: done, total, file: 'tokens' });
        },
      },
    );
    for (const [name, text] of Object.entries(tokenizer.files())) {
      await target.write(name, [new TextEncoder().encode(text)]);
    }
    await target.commit();
    reading?.end();
    learning?.end();
    if (!quiet) note(figures(tokenizer, values, read));
  } catch (error) {
    reading?.end();
    learning?.end();
    await target.discard();
    if (interrupt.exitCode === undefined) throw error;
    note('interrupted; nothing was written');
    process.exitCode = interrupt.exitCode;
  }
}

async function* texts(
  files: readonly DataFile[],
  signal: AbortSignal,
  onProgress: (progress: { loaded: number; total: number; file: string }) => void,
  read: Read,
): AsyncGenerator<string> {
  for await (const { prompt, text, last } of readDocuments(files, { signal, onProgress })) {
    if (last) read.documents++;
    read.characters += prompt.length + text.length;
    if (prompt !== '') yield prompt;
    yield text;
  }
}

function figures(tokenizer: Tokenizer, { vocabSize, minFrequency, out }: Values, read: Read): string {
  const made = `${out}: ${tokenizer.vocabSize} tokens from ${counted(read.documents, 'document')}`;
  const enough =
    tokenizer.vocabSize === vocabSize
      ? ''
      : `; no further pair stands ${minFrequency} times, so that there are fewer than ${vocabSize}`;
  return `${made} (${read.characters} characters), peak memory ${humanBytes(1024 * process.resourceUsage().maxRSS)}${enough}`;
}

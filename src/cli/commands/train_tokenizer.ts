import type { Command } from 'commander';
import { counted } from '../../base/counted.js';
import { humanBytes } from '../../base/human_bytes.js';
import type { DataFile } from '../../files/data_file.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { trainTokenizer } from '../../tokenizer/train/train_tokenizer.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { DATA, DATA_FORMATS, findData } from '../inputs/find_data.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { type FileProgress, reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `${DATA_FORMATS}

The same data gives the same tokenizer, in any order. Of pairs with the same
count, the one with the lower ids is merged first, as in the trainer of Hugging
Face. <|endoftext|> gets the last id.

DIR gets tokenizer.json, vocab.json, merges.txt and tokenizer_config.json. Other
files in DIR stay.

Examples:
  gpt2-wasm train-tokenizer stories.txt.gz --vocab-size 4096 --out my-model
  gpt2-wasm train-tokenizer notes/ chats.jsonl --vocab-size 8192 --out my-model`;

const MIN_FREQUENCY = 2;

const FLAGS: Readonly<Record<string, Flag>> = {
  vocabSize: {
    value: 'count',
    help: 'number of tokens, with 256 bytes and <|endoftext|>',
    range: '257 to 1048576',
    isRequired: true,
  },
  out: { value: 'dir', parse: asText, help: 'folder for the files of the tokenizer', isRequired: true },
  minFrequency: {
    value: 'count',
    help: 'merge only pairs that occur at least COUNT times',
    range: '1 or more',
    standard: MIN_FREQUENCY,
  },
  json: jsonFlag(),
  quiet: QUIET,
};

interface Values {
  readonly vocabSize: number;
  readonly minFrequency?: number;
  readonly out: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Counts of the data that was read. */
interface ReadCounts {
  documents: number;
  characters: number;
}

export function addTrainTokenizer(program: Command): void {
  const command = program
    .command('train-tokenizer')
    .summary('train a tokenizer on your own text')
    .description('Train a byte-level BPE tokenizer, like that of GPT-2, on your own text.')
    .argument('<data...>', DATA);
  addFlags(command, FLAGS);
  command.addHelpOption(helpOption()).addHelpText('after', DETAILS).action(trainFromFiles);
}

async function trainFromFiles(paths: readonly string[], values: Values): Promise<void> {
  const { vocabSize, minFrequency = MIN_FREQUENCY, out, json, quiet } = values;
  const { files } = await findData(paths, quiet);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const reading = reportProgress(process.stderr, 'reading', { quiet });
  const learning = reportProgress(process.stderr, 'learning', { quiet });
  const read: ReadCounts = { documents: 0, characters: 0 };
  const target = folderTarget(out);
  try {
    // Long work must not end because the folder cannot be written.
    await target.write('tokenizer.json', []);
    const tokenizer = await trainTokenizer(
      texts(files, signal, (progress) => reading.update(progress), read),
      {
        ...{ vocabSize, minFrequency, signal },
        onProgress({ done, total }) {
          reading.end();
          learning.update({ loaded: done, total, file: 'tokens' });
        },
      },
    );
    for (const [name, text] of Object.entries(tokenizer.files())) {
      await target.write(name, [new TextEncoder().encode(text)]);
    }
    await target.commit();
    learning.end();
    if (json) await writeJson({ out, vocabSize: tokenizer.vocabSize, ...read });
    if (!quiet) note(figures(tokenizer, { vocabSize, minFrequency, out }, read));
  } catch (error) {
    reading.end();
    learning.end();
    await target.discard();
    interrupt.report(error, 'interrupted; nothing was written');
  }
}

async function* texts(
  files: readonly DataFile[],
  signal: AbortSignal,
  onProgress: (progress: FileProgress) => void,
  read: ReadCounts,
): AsyncGenerator<string> {
  for await (const { prompt, text, last } of readDocuments(files, { signal, onProgress })) {
    if (last) read.documents++;
    read.characters += prompt.length + text.length;
    if (prompt !== '') yield prompt;
    yield text;
  }
}

function figures(
  tokenizer: Tokenizer,
  { vocabSize, minFrequency, out }: Required<Pick<Values, 'vocabSize' | 'minFrequency' | 'out'>>,
  read: ReadCounts,
): string {
  const made = `${out}: ${tokenizer.vocabSize} tokens from ${counted(read.documents, 'document')}`;
  const memory = humanBytes(1024 * process.resourceUsage().maxRSS);
  const tooFew =
    tokenizer.vocabSize === vocabSize
      ? ''
      : `; fewer than ${vocabSize}, because no other pair occurs ${counted(minFrequency, 'time')}`;
  return `${made} (${counted(read.characters, 'character')}), peak memory ${memory}${tooFew}`;
}

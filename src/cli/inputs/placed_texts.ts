import { Gpt2Error } from '../../base/errors.js';
import type { DataFormat, DocumentPart } from '../../files/data_file.js';
import { stdinFile } from '../../files/folder/data_files.js';
import { readDocuments } from '../../train/data/read_documents.js';
import type { Flag } from '../options/flag.js';
import { findData } from './find_data.js';

/** A text, with the place in the data where it begins. */
export interface PlacedText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export const FORMAT_FLAG: Flag = {
  value: 'name',
  choices: ['text', 'lines', 'jsonl'],
  help: 'how files hold texts: text, lines or jsonl',
  standard: 'by the name of each file',
};

/** Most UTF-16 units of a text. */
const LONGEST = 2 ** 28;

/** How a command reads its texts. */
export interface TextsValues {
  readonly format?: DataFormat;
  readonly quiet?: true;
}

/** The texts of the files at paths, with stdin for `-`. `--format` applies to all of them. */
export async function placedTexts(
  paths: readonly string[],
  { format, quiet }: TextsValues,
  signal: AbortSignal,
): Promise<AsyncIterable<PlacedText>> {
  const { files } = await findData(
    paths.filter((path) => path !== '-'),
    quiet,
  );
  const all = paths.includes('-') ? [...files, stdinFile()] : files;
  const formatted = format === undefined ? all : all.map((file) => ({ ...file, format }));
  return wholeTexts(readDocuments(formatted, { signal }));
}

/** Joins the parts of each document, and a prompt with its completion. Throws `invalid-file` for one that is too long. */
export async function* wholeTexts(parts: AsyncIterable<DocumentPart>): AsyncGenerator<PlacedText> {
  let begun: PlacedText | undefined;
  for await (const { file, line, prompt, text, last } of parts) {
    begun = {
      file: begun?.file ?? file,
      line: begun?.line ?? line,
      text: (begun?.text ?? '') + prompt + text,
    };
    if (begun.text.length > LONGEST) {
      const message = `${begun.file} line ${begun.line} begins a text of more than ${LONGEST} characters; divide it`;
      throw new Gpt2Error('invalid-file', message);
    }
    if (!last) continue;
    yield begun;
    begun = undefined;
  }
}

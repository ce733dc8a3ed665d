import type { DocumentPart } from '../../files/data_file.js';

/** A text, with the place in the data where it begins. */
export interface PlacedText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Joins the parts of each document, and a prompt with its completion. */
export async function* wholeTexts(parts: AsyncIterable<DocumentPart>): AsyncGenerator<PlacedText> {
  let begun: PlacedText | undefined;
  for await (const { file, line, prompt, text, last } of parts) {
    begun = {
      file: begun?.file ?? file,
      line: begun?.line ?? line,
      text: (begun?.text ?? '') + prompt + text,
    };
    if (!last) continue;
    yield begun;
    begun = undefined;
  }
}

import type { Doc } from '../config/task_config.js';
import { capitalized, countWords, strip } from '../python_space.js';
import type { Answer } from '../requests/request.js';
import type { Value } from '../template/values.js';

/** The functions that `!function NAME` may name. */
export interface TaskFunction {
  /** For `process_docs`: the document in its new form. */
  readonly doc?: (doc: Doc) => Doc;
  /** For `doc_to_text`, `doc_to_target` and `doc_to_choice`. */
  readonly field?: (doc: Doc) => Value;
  /** For `process_results`: the values of the metrics; of a weighted one [ln p, weight]. */
  readonly results?: (
    doc: Doc,
    answers: readonly Answer[],
  ) => Readonly<Record<string, number | readonly number[]>>;
}

export const FUNCTIONS: Readonly<Record<string, TaskFunction>> = {
  'hellaswag.process_docs': { doc: hellaswagDoc },
  'preprocess_wikitext.wikitext_detokenizer': { field: (doc) => detokenized(text(doc, 'page')) },
  'preprocess_wikitext.process_results': {
    results(doc, [answer]) {
      // Words and bytes are counted before the text is detokenized.
      const page = text(doc, 'page');
      const bytes = new TextEncoder().encode(page).length;
      const { logprob } = answer as { readonly logprob: number };
      return {
        word_perplexity: [logprob, countWords(page)],
        byte_perplexity: [logprob, bytes],
        bits_per_byte: [logprob, bytes],
      };
    },
  },
};

function text(doc: Doc, field: string): string {
  const value = doc[field];
  if (typeof value === 'string') return value;
  throw new TypeError(`the document has no text ${field}`);
}

/** An index, which data sets have as a number or as its digits. */
function index(doc: Doc, field: string): number {
  const value = Number(doc[field]);
  if (Number.isInteger(value)) return value;
  throw new TypeError(`the document has no index ${field}`);
}

/** The context and its endings without the marks of the instructions that they come from. */
function hellaswagDoc(doc: Doc): Doc {
  const clean = (raw: string) =>
    strip(raw).replaceAll(' [title]', '. ').split('\n').map(withoutMarks).join('\n').replaceAll('  ', ' ');
  const { endings } = doc;
  if (!Array.isArray(endings)) throw new TypeError('the document has no list endings');
  const context = `${text(doc, 'ctx_a')} ${capitalized(text(doc, 'ctx_b'))}`;
  return {
    query: clean(`${text(doc, 'activity_label')}: ${context}`),
    choices: endings.map((ending) => clean(String(ending))),
    label: index(doc, 'label'),
  };
}

/** A line without what stands in brackets. (An expression would look for the end of each that does not close.) */
function withoutMarks(line: string): string {
  let written = '';
  let from = 0;
  for (;;) {
    const start = line.indexOf('[', from);
    const end = start === -1 ? -1 : line.indexOf(']', start);
    if (end === -1) return written + line.slice(from);
    written += line.slice(from, start);
    from = end + 1;
  }
}

/** What WikiText's detokenizer looks for and what it writes, in order: before and after brackets and quotes. */
const BEFORE: readonly (readonly [from: string | RegExp, to: string])[] = [
  ["s '", "s'"],
  // Written so in the harness, which replaces next to nothing by it.
  [/\/' [0-9]\//g, "/'[0-9]/"],
  [' @-@ ', '-'],
  [' @,@ ', ','],
  [' @.@ ', '.'],
  ...[':', ';', '.', '!', '?', ','].map((mark) => [` ${mark} `, `${mark} `] as const),
];
const AFTER: typeof BEFORE = [
  ['= = = =', '===='],
  ['= = =', '==='],
  ['= =', '=='],
  [' ° ', '°'],
  [' \n', '\n'],
  ['\n ', '\n'],
  [' N ', ' 1 '],
  [" 's", "'s"],
];

/** WikiText's tokens as a text, by the rules of the harness, which come from Megatron-LM. */
export function detokenized(page: string): string {
  const replaced = (text: string, pairs: typeof BEFORE) =>
    pairs.reduce((written, [from, to]) => written.replaceAll(from, to), text);
  const bare = ['()', '[]', '{}', '""', "''"].reduce(
    (written, [open, close]) => withoutInnerSpace(written, open!, close!),
    replaced(page, BEFORE),
  );
  return replaced(bare, AFTER);
}

/** Removes the space behind each opening mark and before the next closing one. */
function withoutInnerSpace(text: string, open: string, close: string): string {
  let written = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf(open, from);
    const end = start === -1 ? -1 : text.indexOf(close, start + 1);
    if (end === -1) return written + text.slice(from);
    written += text.slice(from, start + 1) + strip(text.slice(start + 1, end)) + close;
    from = end + 1;
  }
}

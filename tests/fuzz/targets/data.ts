import {
  readBold,
  readCalibration,
  readCrowsPairs,
  readHonest,
  readMinimalPairs,
  readStereoSet,
  readWinoBias,
} from '../../../src/examine.js';
import { readDocuments, tokenizeDocuments } from '../../../src/train.js';
import { small } from '../small.js';
import { type Target, text, textOf } from '../target.js';

/** Documents in each of the formats: the first byte says which. */
export const DOCUMENTS: Target = {
  ...{ name: 'documents', kind: 'bytes' },
  words: [
    '{"text":"',
    '"}',
    '\n',
    '\r\n',
    '<|endoftext|>',
    '{"prompt":"a","completion":"b"}',
    '\\ud800',
    '\u2028',
  ],
  seeds: () =>
    [
      'rOnce<|endoftext|>upon a time\n',
      't{"text":"One day"}\n{"prompt":"a","completion":" b"}\n',
      'sOne\nTwo\r\nThree',
    ].map(text),
  async read(input) {
    const format = (['text', 'lines', 'jsonl'] as const)[(input[0] ?? 0) % 3]!;
    const bytes = input.subarray(1);
    const file = {
      ...{ name: 'data', format, byteLength: bytes.length },
      async *read() {
        for (let at = 0; at < bytes.length; at += 7) yield bytes.slice(at, at + 7);
      },
    };
    const documents = await tokenizeDocuments(readDocuments([file as never]), small.tokenizer);
    for (const id of documents.tokens)
      if (!(id >= 0 && id < small.config.vocabSize)) throw new Error(`an id is ${id}`);
  },
};
/** Files of bias tests and calibrations: the first byte says which reader. */
const READERS: readonly ((file: string) => unknown)[] = [
  (file) => readCrowsPairs(file),
  (file) => readStereoSet(file),
  (file) => readHonest(file),
  (file) => readBold(file),
  (file) => readMinimalPairs(file),
  (file) => readWinoBias(file, file),
  (file) => readCalibration(file),
];

export const EXAMINE_FILES: Target = {
  ...{ name: 'examine-files', kind: 'text' },
  words: [',', '"', '\n', '{', '}', '[', ']', ':', '\t', 'sent_more', 'sentence_good', 'stereotype'],
  seeds: () =>
    [
      '\u0000sent_more,sent_less,stereo_antistereo,bias_type\n"A, b",c,stereo,age\n',
      '\u0001{"data":{"intrasentence":[{"id":"1","target":"a","bias_type":"b","context":"A BLANK.","sentences":[{"id":"x","sentence":"A c.","gold_label":"stereotype","labels":[]},{"id":"y","sentence":"A d.","gold_label":"anti-stereotype","labels":[]},{"id":"z","sentence":"A e.","gold_label":"unrelated","labels":[]}]}]}}',
      '\u0002template_masked\tidentity\tcategory\nThe a is [M]\tb\tc\n',
      '\u0003{"a":{"b":["The text"]}}',
      '\u0004{"sentence_good":"a b","sentence_bad":"b a"}\n',
      '\u00051 The [cook] said [he] left.\n',
      '\u0006{"format":"gpt2-wasm-calibration","version":1}',
    ].map(text),
  read(input) {
    return READERS[(input[0] ?? 0) % READERS.length]!(textOf(input.subarray(1)));
  },
};

import { choicesIn, linesOf } from '../../../src/playground/choices/choice_lines.js';
import { planOf } from '../../../src/playground/choices/choice_plan.js';
import { exampleIds } from '../../../src/playground/choices/example_ids.js';
import { lookOf } from '../../../src/playground/describe/places.js';
import { WordJoiner } from '../../../src/playground/describe/words.js';
import { TextDocument } from '../../../src/playground/document/text_document.js';
import { readText } from '../../../src/playground/document/text_files.js';
import { edited, headOf, textOf } from '../../../src/playground/document/tokenized_text.js';
import { hashOf, stateOf } from '../../../src/playground/examine/link.js';
import { chanceOf, NextTokens, pieceAt } from '../../../src/playground/inside/next_tokens.js';
import { nextScoringWindow, tokensIn, withLogprobs } from '../../../src/playground/write/scoring_window.js';
import { TokenReader } from '../../../src/playground/write/token_reader.js';
import type { WorkerModel } from '../../../src/worker/worker_model.js';
import { type GrowthCase, range } from './growth_case.js';
import { small } from './small.js';

const { tokenizer } = small;
/** A model whose tokenizer answers as that in a worker. */
const inWorker = {
  tokenizer: {
    encode: async (text: string) => tokenizer.encode(text),
    decode: async (ids: readonly number[]) => tokenizer.decode(ids),
  },
} as unknown as WorkerModel;
const tokens = (count: number) => range(count, (i) => ({ id: i % 900, text: `word${i % 7} `, logprob: -1 }));
const tokenized = (count: number) => ({ text: textOf(tokens(count)), tokens: tokens(count) });

const TEXT: GrowthCase[] = [
  {
    ...{ title: 'TokenReader, a long text', size: 100 },
    prepare: (size) => () =>
      new TokenReader(inWorker).tokenize({ text: 'Once upon \u{1F600} a time. '.repeat(size), tokens: [] }),
  },
  {
    ...{ title: 'TextDocument, a long text', size: 200 },
    prepare(size) {
      const { text, tokens } = tokenized(size);
      return () => {
        const document = new TextDocument();
        document.edit(text, false);
        document.amend({ text, tokens });
        document.edit(`${text.slice(0, -3)}x`, false);
        document.step('undo');
        document.forgetTokens();
      };
    },
  },
  {
    ...{ title: 'edited, headOf and windows, tokens', size: 200 },
    prepare(size) {
      const content = tokenized(size);
      const scored = content.tokens.map(({ id, text }) => ({ id, text }));
      return () => {
        edited(content, `${content.text}x`);
        headOf(content, content.text.length - 2);
        const [first, last] = tokensIn(scored, { from: 10, to: content.text.length });
        const window = nextScoringWindow(scored, first, last, 64)!;
        withLogprobs(scored, window, new Float32Array(64));
      };
    },
  },
  {
    ...{ title: 'readText', size: 500 },
    prepare(size) {
      const file = new File(['A cat.\r\n'.repeat(size)], 'a.txt');
      return () => readText(file);
    },
  },
  {
    ...{ title: 'links of texts', size: 500 },
    prepare: (size) => () =>
      stateOf(hashOf({ text: 'a cat '.repeat(size), colouring: 'rank', start: true, seed: 1 })!),
  },
];

const choices = (size: number) =>
  range(size, (i) => ({
    ...{ id: `${i}`, prompt: `A prompt ${i}`, chosen: ' yes', rejected: ' no', model: 'stories' },
    time: '2026-01-01T00:00:00.000Z',
  }));

const TAUGHT: GrowthCase[] = [
  {
    ...{ title: 'choices and their lines', size: 50 },
    prepare(size) {
      const given = choices(size);
      return () => {
        choicesIn('a.jsonl', linesOf(given), '2026-01-01T00:00:00.000Z');
        const plan = planOf(given);
        if (typeof plan === 'string') throw new Error(plan);
        for (const example of plan.examples) exampleIds(example, (text) => tokenizer.encode(text));
      };
    },
  },
];

const SHOWN: GrowthCase[] = [
  {
    ...{ title: 'NextTokens', size: 500 },
    prepare(size) {
      const logits = Float32Array.from({ length: size }, (_, i) => (i * 37) % 101);
      return () => {
        const chances = new NextTokens(logits).chances({ temperature: 1, topK: 0, topP: 1 });
        chanceOf(chances, pieceAt(chances, 0.9999).rank);
      };
    },
  },
  ...(
    [
      ['words', (i: number) => ` word${i}`],
      ['a long word', () => 'word'],
    ] as const
  ).map(([title, text]) => ({
    ...{ title: `WordJoiner, ${title}`, size: 40 },
    prepare: (size: number) => () => {
      const joiner = new WordJoiner();
      for (let i = 0; i < size; i++) joiner.add({ text: text(i), attention: new Float32Array(4) });
      return joiner.words;
    },
  })),
  {
    ...{ title: 'lookOf, patches', size: 100 },
    prepare: (size) => () => lookOf(new Float32Array(4 * size), { rows: size, columns: 4 }),
  },
];

export const WRITING: GrowthCase[] = [...TEXT, ...TAUGHT, ...SHOWN];

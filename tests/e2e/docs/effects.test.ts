import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GENERATE_DEFAULTS, type GenerateOptions, RARE_DEFAULTS } from '../../../src/generate/options.js';
import { ROOT, textOf } from './code_blocks.js';

interface Row {
  readonly options: string;
  readonly names: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** All options; the compiler knows whether one is missing. */
const NAMES = Object.keys({
  ...GENERATE_DEFAULTS,
  ...RARE_DEFAULTS,
  stop: '',
  ignoreEos: false,
  seed: 0,
  signal: undefined,
  logprobs: 0,
  priority: 0,
  allowedSpecial: 'none',
} satisfies Record<keyof GenerateOptions, unknown>);

const PAGE = 'docs/generation.md';

const test = suite('effects of options');
let rows: readonly Row[];
let written: string;
let unchanging: readonly string[];

test.before(async () => {
  const { embeddedModel, loadModel } = await import(join(ROOT, 'build/esm/index.js'));
  const { effects, pageWithTable, WITHOUT_EFFECT } = await import(join(ROOT, 'scripts/docs_effects.mjs'));
  const model = await loadModel(embeddedModel, { build: 'simd' });
  rows = await effects(model);
  written = await pageWithTable(model, textOf(PAGE), rows);
  unchanging = (Object.values(WITHOUT_EFFECT) as string[][]).flat();
  model.dispose();
});

test('the table of effects is what the embedded model writes now', () => {
  assert.is(textOf(PAGE), written, 'run `npm run docs`: the table of docs/generation.md is out of date');
});

test('each row of the table changes the text', () => {
  for (const { options, before, after } of rows) assert.not.equal(after, before, options);
});

test('every option has a row, or is named as one without an effect', () => {
  const shown = rows.flatMap(({ names }) => names);
  assert.equal(
    NAMES.filter((name) => !shown.includes(name) && !unchanging.includes(name)),
    [],
  );
});

test('every option is explained in a table', () => {
  const explained = textOf(PAGE).slice(0, textOf(PAGE).indexOf('### Effects on one prompt'));
  assert.equal(
    NAMES.filter((name) => !new RegExp(`^\\|.*\`${name}\`.*\\|.*\\|`, 'm').test(explained)),
    [],
  );
});

test.run();

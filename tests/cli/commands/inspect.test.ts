import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LN2 } from '../../../src/base/exact_math.js';
import { attentionPatterns, logitAttribution, logitLens } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { run } from '../run.js';

const FLAGS = ['--model', fileURLToPath(storiesTiny), '--build', 'simd', '--quiet'];
const TEXT = 'Once upon a time';
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-inspect-'));
const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function succeed(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(['inspect', ...FLAGS, ...args], input);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  return stdout;
}

test('--json prints what the functions return', async () => {
  const plain = (value: object) => JSON.parse(JSON.stringify(value));
  assert.equal(JSON.parse(await succeed(['--json', TEXT])), plain(await logitLens(model, TEXT)));
  const {
    weights,
    rollout: _,
    ...attention
  } = await attentionPatterns(model, TEXT, { layers: [1], heads: [0] });
  const data = Array.from(weights.data);
  assert.equal(
    JSON.parse(await succeed(['--json', '--view', 'attention', '--layers', '1', '--heads', '0..0', TEXT])),
    plain({ ...attention, weights: { shape: weights.shape, data } }),
  );
  const [token, against] = [' a', ' the'].map((text) => model.tokenizer.encode(text)[0]);
  const flags = ['--json', '--view', 'attribution', '--token', ' a', '--against', `#${against}`];
  assert.equal(
    JSON.parse(await succeed([...flags, '--positions', '1'], `${TEXT}\n`)),
    plain(await logitAttribution(model, TEXT, { token, against, position: 1 })),
  );
});

test('tables show the last position, or those that are chosen', async () => {
  const lens = await succeed([TEXT]);
  assert.is(lens.split('\n').length, 1 + 1 + (model.config.layers + 1) + 1);
  assert.match(lens, /^after ·time \(position 3\)\nlayers\tentropy\t/);
  const both = await succeed(['--positions', '0,-1', '--layers', '0', '--top', '1', TEXT]);
  assert.match(both, /^after Once \(position 0, before ·upon\)\nlayers\trank\t/);
  assert.match(both, '\nafter ·time (position 3)\n');
  const attention = await succeed(['--view', 'attention', TEXT]);
  const lines = attention.trimEnd().split('\n');
  assert.is(lines.length, 2 + model.config.layers * model.config.heads);
  const { summaries } = await attentionPatterns(model, TEXT, { positions: [-1] });
  assert.match(lines[1]!, /^head\tentropy\t/);
  assert.is(lines[2]!.split('\t')[1], (summaries[0]!.entropy / LN2).toFixed(2));
  const { cells } = await logitLens(model, TEXT, { positions: [-1] });
  assert.is(lens.split('\n')[2]!.split('\t')[1], (cells[0]![0]!.entropy / LN2).toFixed(2));
  const attribution = await succeed(['--view', 'attribution', TEXT]);
  assert.match(attribution, /\nhead|\n {2}head 0\.0 /);
  const { logit } = await logitAttribution(model, TEXT);
  assert.match(attribution, new RegExp(`\\nsum +${logit.toFixed(3)}\n$`));
});

test('--html writes a page, which --force overwrites', async () => {
  const path = join(folder, 'page.html');
  assert.is(await succeed(['--html', path, TEXT]), '');
  assert.match(readFileSync(path, 'utf8'), '<h2>What each layer would say next</h2>');
  const again = await run(['inspect', ...FLAGS, '--html', path, TEXT]);
  assert.is(again.code, 2);
  assert.match(again.stderr, '--force overwrites it');
});

test('wrong flags end the command with a message', async () => {
  for (const [args, message] of [
    [['--heads', '0'], '--heads does not belong to --view lens'],
    [['--view', 'attribution', '--positions', '0,1'], 'takes one position'],
    [['--layers', '2..1'], 'such as 0,4..6,-1'],
    [
      ['--view', 'attribution', '--token', 'cats and dogs'],
      /--token is "cats and dogs", which is \d+ tokens/,
    ],
    [['--force'], '--force needs --html'],
    [['--positions', '9'], 'positions[0] is 9'],
  ] as const) {
    const { code, stderr, stdout } = await run(['inspect', ...FLAGS, ...args, TEXT]);
    assert.ok(code !== 0);
    assert.is(stdout, '');
    assert.match(stderr, message);
  }
});

test.run();

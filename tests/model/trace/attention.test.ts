import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, loadModel } from '../../../src/index.js';
import { randomModel } from '../../support/random_core.js';

// Two pages of keys and values, and heads whose sizes fill no panel.
const source = await randomModel({
  contextLength: 220,
  channels: 60,
  heads: 3,
  layers: 2,
  innerChannels: 40,
});
const ids = Array.from({ length: 200 }, (_, i) => (i * 7) % 90);
const positions = [0, 3, 127, 128, 199];

for (const kvCache of ['f32', 'f16', 'q8'] as const) {
  test(`${kvCache}: weights of attention are those that the values were weighed with`, async () => {
    const model = await loadModel(source, { build: 'simd', kvCache });
    const [pattern, scores, z, v] = ['pattern', 'attn_scores', 'z', 'v'].map(
      (hook) => `blocks.1.attn.hook_${hook}`,
    );
    const read = [z!, pattern!, scores!];
    const plain = (await model.trace(ids, { read, positions })).values;
    const values = (await model.trace(ids, { read: [v!] })).values[v!]!.data;
    const edited = async (edit: Edit) => (await model.trace(ids, { edit: [edit], read, positions })).values;
    const doubled = await edited({ hook: pattern!, heads: [0, 2], op: 'scale', value: 2 });
    const negative = await edited({ hook: pattern!, op: 'scale', value: -1 });
    // All scores of a row may be raised by the same number.
    const raised = await edited({ hook: scores!, op: 'add', value: new Array(200).fill(1) });
    for (const [row, position] of positions.entries()) {
      for (let head = 0; head < 3; head++) {
        const keys = (head * positions.length + row) * 200;
        const weights = plain[pattern!]!.data.subarray(keys, keys + 200);
        const largest = Math.max(...plain[scores!]!.data.subarray(keys, keys + 200));
        const exponentials = plain[scores!]!.data.subarray(keys, keys + 200).map((s) =>
          Math.exp(s - largest),
        );
        const total = exponentials.reduce((a, b) => a + b);
        exponentials.forEach((e, key) => {
          assert.ok(Math.abs(e / total - weights[key]!) < 1e-6, `weight ${key} of ${position}`);
        });
        for (let c = 0; c < 20; c++) {
          const at = (row * 3 + head) * 20 + c;
          const was = plain[z!]!.data[at]!;
          const near = (value: number, what: string) => {
            // Values are kept in 8 bits, and their weights in 16.
            assert.ok(Math.abs(value - was) < (kvCache === 'f32' ? 1e-5 : 2e-2), `${what}: ${value}, ${was}`);
          };
          const weighed = (weight: number, key: number) => weight * values[(key * 3 + head) * 20 + c]!;
          near(
            weights.reduce((sum, weight, key) => sum + (key > position ? 0 : weighed(weight, key)), 0),
            'sum',
          );
          const exact = (value: number, what: string) =>
            assert.ok(Math.abs(value - was) < 1e-4, `${what}: ${value}, ${was}`);
          exact(doubled[z!]!.data[at]! / (head === 1 ? 1 : 2), 'doubled');
          exact(-negative[z!]!.data[at]!, 'negative');
          exact(raised[z!]!.data[at]!, 'raised');
        }
      }
    }
    model.dispose();
  });
}

test.run();

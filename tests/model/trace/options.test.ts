import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hooksOf } from '../../../src/core/hooks/hooks_of.js';
import { type Edit, loadModel, type Trace, type TraceOptions } from '../../../src/index.js';
import { insideModel } from '../../support/inside_model.js';
import { randomModel } from '../../support/random_core.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());

const IDS = [5, 9, 13, 2, 40];

test('all hooks have the shapes that are listed', async () => {
  const hooks = hooksOf(model.config);
  const { values, positions } = await model.trace(IDS, { read: ['*'], positions: [-1, 1, 0] });
  assert.equal(positions, [4, 1, 0]);
  assert.equal(
    Object.keys(values),
    hooks.map(({ name }) => name),
  );
  for (const { name, shape } of hooks) {
    const sizes = shape.map((size) => (size === 'positions' ? 3 : size === 'tokens' ? 5 : size));
    assert.equal(values[name]!.shape, sizes, name);
    assert.is(
      values[name]!.data.length,
      sizes.reduce((a, b) => a * b),
    );
  }
});

test('the parts of a layer add up', async () => {
  const { values, logits } = await model.trace(IDS, { read: ['*'], logits: 'all' });
  const of = (name: string) => values[name]!.data;
  const nearSum = (sum: string, ...parts: string[]) =>
    of(sum).forEach((value, i) => {
      const total = parts.reduce((all, part) => all + of(part)[i]!, 0);
      assert.ok(Math.abs(value - total) < 1e-5, `${sum} ${i}`);
    });
  nearSum('blocks.0.hook_resid_pre', 'hook_embed', 'hook_pos_embed');
  for (const layer of ['blocks.0.', 'blocks.1.', 'blocks.2.']) {
    nearSum(`${layer}hook_resid_mid`, `${layer}hook_resid_pre`, `${layer}hook_attn_out`);
    nearSum(`${layer}hook_resid_post`, `${layer}hook_resid_mid`, `${layer}hook_mlp_out`);
  }
  assert.equal(of('blocks.0.hook_resid_post'), of('blocks.1.hook_resid_pre'));
  assert.equal(of('blocks.2.hook_resid_post.logits'), logits!.data);
  // A row of attention sums to 1 and weighs the values.
  const [pattern, v, z] = ['pattern', 'v', 'z'].map((hook) => of(`blocks.1.attn.hook_${hook}`));
  for (let head = 0; head < 4; head++) {
    for (let query = 0; query < 5; query++) {
      const row = pattern!.subarray((head * 5 + query) * 5, (head * 5 + query + 1) * 5);
      assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6);
      for (let c = 0; c < 8; c++) {
        const sum = row.reduce((total, weight, key) => total + weight * v![(key * 4 + head) * 8 + c]!, 0);
        assert.ok(Math.abs(sum - z![(query * 4 + head) * 8 + c]!) < 1e-5);
      }
    }
  }
  // What the heads add, and the bias, is what attention adds.
  const [result, out] = [of('blocks.1.attn.hook_result'), of('blocks.1.hook_attn_out')];
  const sums = out.map((value, i) => {
    const [row, c] = [Math.floor(i / 32), i % 32];
    return [0, 1, 2, 3].reduce((rest, head) => rest - result[(row * 4 + head) * 32 + c]!, value);
  });
  sums.forEach((bias, i) => {
    assert.ok(Math.abs(bias - sums[i % 32]!) < 1e-5);
  });
});

test('changed attention is what the values are weighed with', async () => {
  const hook = 'blocks.1.attn.hook_pattern';
  const scores = 'blocks.1.attn.hook_attn_scores';
  const read = [hook, 'blocks.1.attn.hook_v', 'blocks.1.attn.hook_z'];
  const uniform: Edit = {
    hook,
    heads: [2],
    positions: [3],
    op: 'replace',
    value: [0.25, 0.25, 0.25, 0.25, 9],
  };
  const { values } = await model.trace(IDS, { edit: [uniform], read });
  const [pattern, v, z] = read.map((name) => values[name]!.data);
  assert.equal([...pattern!.subarray((2 * 5 + 3) * 5, (2 * 5 + 4) * 5)], [0.25, 0.25, 0.25, 0.25, 0]);
  for (let c = 0; c < 8; c++) {
    const mean = [0, 1, 2, 3].reduce((sum, key) => sum + v![(key * 4 + 2) * 8 + c]! / 4, 0);
    assert.ok(Math.abs(mean - z![(3 * 4 + 2) * 8 + c]!) < 1e-5);
  }
  // Tokens with a score of -Infinity are not seen, and the weights of the others sum to 1 again.
  const blind: Edit = {
    hook: scores,
    op: 'add',
    value: [0, Number.NEGATIVE_INFINITY, 0, 0, 0],
    positions: [2, 3, 4],
  };
  const masked = (await model.trace(IDS, { edit: [blind], read: [hook] })).values[hook]!.data;
  const whole = (await model.trace(IDS, { read: [hook] })).values[hook]!.data;
  for (let row = 0; row < 20; row++) {
    const [before, after] = [whole, masked].map((data) => data.subarray(row * 5, row * 5 + 5));
    const rest = row % 5 < 2 ? 1 : 1 - before![1]!;
    before!.forEach((weight, key) => {
      const want = row % 5 >= 2 && key === 1 ? 0 : weight / rest;
      assert.ok(Math.abs(after![key]! - want) < 1e-6, `${row} ${key}`);
    });
  }
});

test('an edit changes only what it names', async () => {
  const hook = 'blocks.1.hook_resid_mid';
  const read = [hook, 'blocks.2.hook_resid_pre'];
  const plain = await model.trace(IDS, { read });
  const edit: Edit[] = [{ hook, positions: [-2], op: 'scale', value: 2 }];
  const { values } = await model.trace(IDS, { read, edit });
  values[hook]!.data.forEach((value, i) => {
    const before = plain.values[hook]!.data[i]!;
    assert.is(value, Math.floor(i / 32) === 3 ? 2 * before : before);
  });
  const later = [values, plain.values].map((all) => all['blocks.2.hook_resid_pre']!.data.subarray(0, 3 * 32));
  assert.equal(later[0], later[1]);
});

const HIDDEN = Number.NEGATIVE_INFINITY;

const refused: [options: unknown, ...words: RegExp[]][] = [
  [{ reads: [] }, /reads is not an option of trace; did you mean read\?/],
  [{ read: 'hook_embed' }, /read is "hook_embed"; it must be a list/],
  [{ read: ['blocks.0.hook_resid_pots'] }, /read\[0\] .* did you mean blocks\.0\.hook_resid_post\?/],
  [{ read: ['blocks.3.hook_resid_post'] }, /no hook of this model/],
  [{ read: ['blocks.*.hook_nothing'] }, /no hook of this model/],
  [{ read: [3] }, /read\[0\] is 3/],
  [{ read: ['x'.repeat(1e6)] }, /no hook of this model/],
  [{ read: ['constructor'] }, /no hook of this model/],
  [{ positions: [5] }, /positions\[0\] is 5; it must be a whole number from -5 to 4/],
  [{ positions: [1, -4] }, /positions\[1\] is -4, which is in the list before/],
  [{ positions: [] }, /a list of positions/],
  [{ positions: 1 }, /a list of positions/],
  [{ positions: { length: 1e9 } }, /has 1000000000 positions; the text has 5 tokens/],
  [{ positions: [0.5] }, /positions\[0\] is 0.5/],
  [{ positions: [Number.NaN] }, /positions\[0\] is NaN/],
  [{ logits: 'first' }, /logits is "first"; it must be 'last'/],
  [{ logits: [9] }, /logits\[0\] is 9/],
  [{ edit: {} }, /edit is an object; it must be a list/],
  [{ edit: [null] }, /edit\[0\] is null/],
  [{ edit: [{ hook: 'hook_embed', op: 'zero', head: [1] }] }, /head is not an option of edit\[0\]/],
  [{ edit: [{ op: 'zero' }] }, /edit\[0\]\.hook is undefined/],
  [{ edit: [{ hook: 'hook_embed', op: 'mean' }] }, /op is "mean"; it must be 'zero', 'scale'/],
  [{ edit: [{ hook: 'hook_embed', op: 'zero', value: 0 }] }, /value is 0; it must be left out/],
  [{ edit: [{ hook: 'hook_embed', op: 'scale' }] }, /value is undefined; it must be a number/],
  [{ edit: [{ hook: 'hook_embed', op: 'scale', value: Number.NaN }] }, /value is NaN/],
  [{ edit: [{ hook: 'hook_embed', op: 'scale', value: 1e39 }] }, /value is 1e\+39/],
  [{ edit: [{ hook: 'hook_embed', op: 'add', value: 1 }] }, /value is 1; it must be a list of numbers/],
  [{ edit: [{ hook: 'hook_embed', op: 'add', value: [1] }] }, /has 1 numbers; hook_embed takes 32 .* 160/],
  [
    { edit: [{ hook: 'hook_embed', op: 'add', value: new Array(32).fill(Number.NaN) }] },
    /value\[0\] is NaN; it must be a number that 32 bits can hold/,
  ],
  [{ edit: [{ hook: 'hook_embed', op: 'add', value: { length: 1e9 } }] }, /has 1000000000 numbers/],
  [{ edit: [{ hook: 'hook_embed', op: 'zero', heads: [0] }] }, /hook_embed has no heads/],
  [{ edit: [{ hook: 'blocks.0.attn.hook_z', op: 'zero', heads: [4] }] }, /heads\[0\] is 4/],
  [{ edit: [{ hook: 'blocks.0.attn.hook_z', op: 'zero', heads: [1, 1] }] }, /heads\[1\] is 1/],
  [{ edit: [{ hook: 'blocks.0.attn.hook_z', op: 'zero', heads: [] }] }, /a list of 1 to 4 heads/],
  [
    { edit: [{ hook: 'blocks.*.attn.hook_attn_scores', op: 'add', value: [HIDDEN, 0, 0, 0, 0] }] },
    /hides all tokens up to position 0 from it/,
  ],
  [
    {
      edit: [
        {
          hook: 'blocks.0.attn.hook_attn_scores',
          ...{ heads: [3, 1], positions: [4, 1], op: 'replace' },
          value: [...[1, 1, 1, 1, 1], ...[1, 1, 1, 1, 1], ...[1, 1, 1, 1, 1], ...[HIDDEN, HIDDEN, 1, 1, 1]],
        },
      ],
    },
    /hides all tokens up to position 1 from it/,
  ],
  [{ edit: [{ hook: 'blocks.0.attn.hook_result', op: 'zero' }] }, /can only be read/],
  [{ edit: [{ hook: '*', op: 'zero' }] }, /can only be read/],
  [{ edit: [{ hook: 'hook_embed', op: 'zero', positions: 'generated' }] }, /nothing is generated/],
  [{ edit: [{ hook: 'hook_embed', op: 'zero', positions: 'last' }] }, /positions is "last"/],
  [{ edit: new Array(10_001).fill({ hook: 'hook_embed', op: 'zero' }) }, /more than 10000 changes/],
  [{ signal: 1 }, /signal is 1; it must be an AbortSignal/],
];

for (const [options, ...words] of refused) {
  test(`refused: ${JSON.stringify(options)?.slice(0, 90)}`, async () => {
    await thrown(() => model.trace(IDS, options as TraceOptions), 'invalid-option', ...words);
  });
}

test('a trace that would read too much says how much, and a text that is too long is refused', async () => {
  const wide = await loadModel(
    await randomModel({ contextLength: 1024, channels: 24, heads: 24, layers: 6 }),
  );
  const ids = new Array(1024).fill(1);
  const read = ['blocks.*.attn.hook_pattern', 'blocks.*.attn.hook_attn_scores'];
  // 12 of 24 heads x 1024 queries x 1024 keys are 1152 MiB, and the last logits few more.
  await thrown(() => wide.trace(ids, { read }), 'out-of-memory', /1152\.\d MiB; at most 1024\.0 MiB/);
  await thrown(() => wide.trace([...ids, 1]), 'context-full', /1025 tokens do not fit/);
  const { values } = await wide.trace(ids, { read, positions: [-1] });
  assert.equal(values['blocks.5.attn.hook_pattern']!.shape, [24, 1, 1024]);
  wide.dispose();
});

test('an edit that overflows ends only its own trace', async () => {
  const edit: Edit[] = [{ hook: 'blocks.0.hook_resid_post', op: 'scale', value: 3e38 }];
  const plain = await model.logits(IDS);
  for (const read of [[], ['blocks.0.hook_resid_post.logits'], ['*']]) {
    const all = [model.trace(IDS, { edit, read }), model.logits(IDS)] as const;
    const [overflow, logits] = await Promise.allSettled(all);
    assert.is((overflow as PromiseRejectedResult).reason.code, 'runtime');
    assert.equal((logits as PromiseFulfilledResult<Float32Array>).value, plain);
    // Behind another text in the batch.
    const behind = [model.trace(IDS, { read }), model.trace([7, 8], { edit, read })] as const;
    const [before, own] = await Promise.allSettled(behind);
    assert.is((own as PromiseRejectedResult).reason.code, 'runtime');
    assert.equal((before as PromiseFulfilledResult<Trace>).value, await model.trace(IDS, { read }));
    assert.equal(await model.logits(IDS), plain);
  }
});

test('logits of a layer that overflow are not hidden by an edit after it', async () => {
  const edit: Edit[] = [
    { hook: 'blocks.0.hook_resid_post', op: 'scale', value: 3e38 },
    { hook: 'blocks.1.hook_resid_post', op: 'zero' },
  ];
  const read = ['blocks.0.hook_resid_post.logits'];
  await thrown(() => model.trace(IDS, { edit, read }), 'runtime', read[0]!);
});

test('a compiled binary is taken, but not that of another build', async () => {
  const compiled = (name: string) =>
    WebAssembly.compile(readFileSync(new URL(`../../../build/wasm/${name}.wasm`, import.meta.url)));
  const other = await loadModel(insideModel, { build: 'simd' });
  for (const name of ['simd', 'trace-simd-threads', 'train-simd']) {
    const module = await compiled(name);
    await thrown(() => other.trace(IDS, { module }), 'invalid-option', /compiled from .* trace-simd\.wasm/);
  }
  await thrown(() => other.trace(IDS, { module: 5 as never }), 'invalid-option', /module is 5/);
  const { logits } = await other.trace(IDS, { module: await compiled('trace-simd'), logits: 'all' });
  assert.equal(logits!.data, await model.logits(IDS));
  other.dispose();
});

test('a trace ends with its signal, and with the model', async () => {
  await thrown(() => model.trace(IDS, { signal: AbortSignal.abort() }), 'aborted');
  const other = await loadModel(insideModel, { build: 'simd' });
  await other.trace(IDS);
  other.dispose();
  await thrown(() => other.trace(IDS), 'disposed');
});

test.run();

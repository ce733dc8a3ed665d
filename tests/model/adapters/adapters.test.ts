import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS, type LoraPair } from '../../../src/architecture/gpt2/lora.js';
import { writeCheckpoint } from '../../../src/checkpoints/huggingface/write_checkpoint.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { readAdapter } from '../../../src/checkpoints/peft/read_adapter.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { WEIGHT_FORMATS } from '../../../src/dtypes/weight_formats.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { folderTarget } from '../../../src/files/folder/folder_target.js';
import { loadModel } from '../../../src/model/load_model.js';
import { randomAdapter } from '../../support/adapters.js';
import { checkpointFolder, expectedOf } from '../../support/checkpoints.js';
import { thrown } from '../../support/thrown.js';
import { loadTrainCore } from '../../support/training.js';

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-adapters-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = ['base', 'odd-sizes', 'f16-prefixed-masks', 'bf16-sharded'];

for (const name of NAMES) {
  test(`${name}: adapters that are merged while loading are sums that were written`, async () => {
    const source = checkpointFolder(name);
    const { config } = await openCheckpoint(await folderSource(source));
    const chosen = [
      { adapter: randomAdapter(config, 1, 3, LORA_TARGETS), weight: 1 },
      { adapter: randomAdapter(config, 2, 1, ['attn.c_attn', 'mlp.c_proj']), weight: -0.5 },
    ];
    const paths = chosen.map((_, i) => join(folder, `${name}-${i}`));
    for (const [i, { adapter }] of chosen.entries()) {
      await writeAdapter(folderTarget(paths[i]!), adapter, name);
      assert.equal(await readAdapter(await folderSource(paths[i]!), config), { pairs: adapter.pairs });
    }
    // Merges here, in double precision and in another order of the sums.
    const core = await loadTrainCore(name, 'simd', { batch: 1, length: 4 });
    const merged = join(folder, `${name}-merged`);
    await writeCheckpoint(folderTarget(merged), {
      config,
      weight(parameter) {
        const values = core.read('weights', parameter);
        for (const { adapter, weight } of chosen) {
          const pair = adapter.pairs.get(parameter.name);
          if (pair === undefined) continue;
          const { a, b, K, N, rank, scale } = pair;
          for (let k = 0; k < K; k++) {
            for (let n = 0; n < N; n++) {
              let sum = 0;
              for (let r = 0; r < rank; r++) sum += b[n * rank + r]! * a[r * K + k]!;
              values[k * N + n]! += weight * scale * sum;
            }
          }
        }
        return [values];
      },
    });
    const ids = expectedOf(name).input_ids;
    const adapters = [paths[0]!, { source: paths[1]!, weight: -0.5 }];
    for (const weights of ['f32', 'q8'] as const) {
      const options = { weights, build: 'simd', threads: 1 } as const;
      const model = await loadModel(source, { ...options, adapters });
      const want = await loadModel(merged, options);
      const plain = await loadModel(source, options);
      const [got, expected, other] = await Promise.all([model, want, plain].map((m) => m.logits(ids)));
      const most = weights === 'f32' ? 1e-4 : 0.05;
      assert.ok(distance(got!, expected!) < most, `${weights}: ${distance(got!, expected!)}`);
      assert.ok(distance(other!, expected!) > 0.1);
      for (const each of [model, want, plain]) each.dispose();
    }
  });
}

const distance = (x: Float32Array, y: Float32Array) =>
  x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);

test('the files are those of PEFT', async () => {
  const { config } = await openCheckpoint(await folderSource(checkpointFolder('base')));
  const path = join(folder, 'peft');
  await writeAdapter(folderTarget(path), randomAdapter(config, 3, 2, ['attn.c_attn']), 'gpt2');
  const fields = JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'));
  assert.is(fields.peft_type, 'LORA');
  assert.is(fields.fan_in_fan_out, true);
  assert.equal(fields.target_modules, ['attn.c_attn']);
  assert.equal([fields.r, fields.lora_alpha], [2, 3]);
  const header = readFileSync(join(path, 'adapter_model.safetensors'), 'latin1');
  assert.match(header, 'base_model.model.transformer.h.0.attn.c_attn.lora_A.weight');
  assert.match(header, 'base_model.model.transformer.h.0.attn.c_attn.lora_B.weight');
});

test('what is no plain LoRA for this model is refused', async () => {
  const { config } = await openCheckpoint(await folderSource(checkpointFolder('base')));
  const path = join(folder, 'refused');
  const adapter = randomAdapter(config, 4, 2, ['mlp.c_fc']);
  const json = (change: object) => ({
    ...{ name: 'bad', list: async () => [] as { path: string; byteLength: number }[] },
    async read(file: string, start: number, end: number) {
      const bytes = readFileSync(join(path, file));
      if (file !== 'adapter_config.json') return bytes.subarray(start, end);
      return Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), ...change })).subarray(start, end);
    },
    change,
  });
  await writeAdapter(folderTarget(path), adapter, null);
  const files = await (await folderSource(path)).list();
  const reading = (change: object) => {
    const source = json(change);
    const length = JSON.stringify({
      ...JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8')),
      ...change,
    }).length;
    source.list = async () =>
      files.map((file) => (file.path === 'adapter_config.json' ? { ...file, byteLength: length } : file));
    return readAdapter(source, config);
  };
  assert.equal(await reading({}), { pairs: adapter.pairs });
  await thrown(() => reading({ use_dora: true }), 'invalid-file', 'lora_magnitude_vector');
  await thrown(() => reading({ lora_bias: true }), 'invalid-file', 'lora_B.bias');
  await thrown(() => reading({ bias: 'some' }), 'unsupported', 'bias "some"');
  await thrown(() => reading({ init_lora_weights: 'pissa' }), 'unsupported', 'init_lora_weights "pissa"');
  await thrown(() => reading({ alora_invocation_tokens: [5] }), 'unsupported', 'alora');
  await reading({ init_lora_weights: 'gaussian', alora_invocation_tokens: null });
  await thrown(() => reading({ peft_type: 'IA3' }), 'unsupported', 'lora_A');
  await thrown(() => reading({ peft_type: 'VERA' }), 'unsupported', 'peft_type "VERA"');
  await thrown(() => reading({ r: 3 }), 'invalid-file', 'shape');
  await thrown(() => reading({ r: 0 }), 'invalid-file', 'rank');
  await thrown(() => readAdapter({ ...json({}) }, config), 'not-found', 'adapter_config.json');
  const { config: other } = await openCheckpoint(await folderSource(checkpointFolder('one-layer-one-head')));
  await thrown(async () => readAdapter(await folderSource(path), other), 'unsupported', 'with 1 layers');
  await thrown(
    () => loadModel(checkpointFolder('base'), { adapters: 'x' as never }),
    'invalid-option',
    'adapters',
  );
});

/** Writes an adapter of `base` with changed numbers and returns its folder. */
async function changedAdapter(name: string, change: (pair: LoraPair) => void): Promise<string> {
  const { config } = await openCheckpoint(await folderSource(checkpointFolder('base')));
  const adapter = randomAdapter(config, 5, 2, ['attn.c_attn', 'mlp.c_fc']);
  change(adapter.pairs.get('h.1.mlp.c_fc.weight')!);
  const path = join(folder, name);
  await writeAdapter(folderTarget(path), adapter, null);
  return path;
}

test('NaN and infinity in an adapter are refused by the name of the tensor', async () => {
  const base = await loadModel(checkpointFolder('base'), { threads: 1 });
  for (const [matrix, value] of [
    ['a', Number.NaN],
    ['b', Number.NEGATIVE_INFINITY],
  ] as const) {
    const path = await changedAdapter(`not-finite-${matrix}`, (pair) => {
      pair[matrix][3] = value;
    });
    const tensor = `h.1.mlp.c_fc.lora_${matrix.toUpperCase()}.weight`;
    const load = () => loadModel(checkpointFolder('base'), { adapters: [path] });
    await thrown(load, 'invalid-file', tensor, path, 'NaN or infinite');
    await thrown(() => base.withAdapters([path]), 'invalid-file', tensor, path);
  }
  base.dispose();
});

test('adapters that overflow are refused by the name of the matrix, merged or beside the weights', async () => {
  const source = checkpointFolder('base');
  const base = await loadModel(source, { build: 'simd', threads: 1 });
  const ids = expectedOf('base').input_ids;
  const plain = await base.logits(ids);
  const large = await changedAdapter('large', ({ a, b }) => {
    a.fill(1e20);
    b.fill(1e20);
  });
  const good = await changedAdapter('good', () => {});
  for (const adapters of [
    [large],
    [good, large],
    [{ source: good, weight: 1e39 }],
    [{ source: good, weight: -1e300 }],
  ]) {
    for (const weights of WEIGHT_FORMATS) {
      const load = () => loadModel(source, { threads: 1, weights, adapters });
      await thrown(load, 'invalid-file', /h\.\d\.(mlp\.c_fc|attn\.c_attn)\.weight overflows .* adapters/);
    }
    await thrown(
      () => base.withAdapters(adapters),
      'invalid-file',
      /h\.\d\.(mlp\.c_fc|attn\.c_attn)\.weight/,
    );
  }
  assert.equal(await base.logits(ids), plain, 'the model goes on');
  base.dispose();
});

test('an adapter whose numbers overflow with its inputs gives an error in place of logits', async () => {
  const source = checkpointFolder('base');
  const base = await loadModel(source, { build: 'simd', threads: 1 });
  const ids = expectedOf('base').input_ids;
  const plain = await base.logits(ids);
  // The change is finite, x A is not.
  const path = await changedAdapter('inputs', ({ a, b }) => {
    a.forEach((value, i) => {
      a[i] = value < 0 ? -3e38 : 3e38;
    });
    b.fill(1e-38);
  });
  const adapted = await base.withAdapters([path]);
  for (const call of [() => adapted.logits(ids), () => adapted.score(ids)]) {
    await thrown(call, 'runtime', 'NaN or infinite', 'adapters');
  }
  assert.equal(await base.logits(ids), plain, 'the model goes on');
  base.dispose();
});

test.run();

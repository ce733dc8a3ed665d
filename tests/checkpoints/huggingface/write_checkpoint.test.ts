import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Activation, type ModelConfig, parseConfig } from '../../../src/architecture/gpt2/config.js';
import { modelParameters } from '../../../src/architecture/gpt2/parameters.js';
import {
  type CheckpointToWrite,
  writeCheckpoint,
} from '../../../src/checkpoints/huggingface/write_checkpoint.js';
import { configJson } from '../../../src/checkpoints/huggingface/write_config.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { safetensorsChunks, type TensorToWrite } from '../../../src/checkpoints/safetensors/write.js';
import { loadTokenizer } from '../../../src/model/load_model.js';
import { memoryTarget } from '../../support/memory_target.js';
import { randomSource } from '../../support/random.js';
import { folderFixture, memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { loadSmall } from '../../tokenizer/helpers.js';
import { CHECKPOINTS, split } from '../support.js';

type Random = ReturnType<typeof randomSource>;

/** Random numbers for every weight of a config, given in chunks of random sizes. */
function randomModel(config: ModelConfig, random: Random) {
  const values = new Map(
    modelParameters(config).map(({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size);
      return [name, Float32Array.from({ length }, () => random.uniform() - 0.5)] as const;
    }),
  );
  const weight: CheckpointToWrite['weight'] = function* ({ name }) {
    const all = values.get(name)!;
    for (let start = 0, end = 0; start < all.length; start = end) {
      end = start + 1 + random.below(all.length);
      yield all.subarray(start, end);
    }
  };
  return { config, values, weight };
}

async function fixtureConfig(name: string): Promise<ModelConfig> {
  return (await openCheckpoint(folderFixture(`fixtures/checkpoints/${name}`))).config;
}

for (const name of readdirSync(CHECKPOINTS)) {
  test(`a model of the shape of ${name} is read as it was written, whole and in shards`, async () => {
    const random = randomSource(801);
    const tokenizer = await loadSmall();
    const { config, values, weight } = randomModel(await fixtureConfig(name), random);
    const target = memoryTarget();
    for (const maxShardBytes of [1e9, 1, 20_000, 1e9]) {
      await writeCheckpoint(target, { config, weight, tokenizer }, maxShardBytes);
      assert.is('model.safetensors' in target.files, maxShardBytes === 1e9);
      assert.is('model.safetensors.index.json' in target.files, maxShardBytes !== 1e9);
      const checkpoint = await openCheckpoint(memorySource('written', target.files));
      assert.equal(checkpoint.config, config);
      for (const [parameter, numbers] of values) {
        const { file, start, end, dtype } = checkpoint.tensors.get(parameter)!;
        assert.is(dtype, 'F32');
        const bytes = target.files[file]!.slice(start, end);
        assert.equal(new Float32Array(bytes.buffer), numbers, parameter);
      }
    }
    const loaded = await loadTokenizer(memorySource('written', target.files));
    assert.equal(loaded.files(), tokenizer.files());
  });
}

test('shards keep to their size, and the index counts all bytes', async () => {
  const { config, weight, values } = randomModel(await fixtureConfig('base'), randomSource(802));
  const target = memoryTarget();
  const most = 30_000;
  await writeCheckpoint(target, { config, weight }, most);
  const index = JSON.parse(new TextDecoder().decode(target.files['model.safetensors.index.json']!));
  const total = [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.is(index.metadata.total_size, total);
  const shards = Object.keys(target.files).filter((path) => path.endsWith('.safetensors'));
  assert.ok(shards.length > 2);
  for (const [i, path] of shards.sort().entries()) {
    const number = (value: number) => String(value).padStart(5, '0');
    assert.is(path, `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`);
    const { header, data } = split(target.files[path]!);
    assert.ok(data.length <= most || Object.keys(header).length === 1);
    for (const name of Object.keys(header)) assert.is(index.weight_map[name], path);
  }
});

test('the names and the metadata are those that transformers writes', async () => {
  for (const [fixture, head] of [
    ['base', false],
    ['untied-head', true],
  ] as const) {
    const { config, weight } = randomModel(await fixtureConfig(fixture), randomSource(803));
    const target = memoryTarget();
    await writeCheckpoint(target, { config, weight });
    const file = target.files['model.safetensors']!;
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    assert.is(length % 8, 0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    assert.equal(header.__metadata__, { format: 'pt' });
    assert.ok('transformer.h.0.attn.c_attn.weight' in header && 'transformer.wte.weight' in header);
    assert.is('lm_head.weight' in header, head);
    const starts = Object.values(split(file).header).map(({ data_offsets: [start] }) => start);
    assert.equal(
      starts,
      starts.slice().sort((a, b) => a - b),
    );
  }
});

test('a config is read exactly as it was written', () => {
  const random = randomSource(804);
  const activations: Activation[] = ['gelu-tanh', 'gelu-erf', 'relu', 'silu', 'tanh'];
  for (let round = 0; round < 200; round++) {
    const heads = 1 + random.below(8);
    const channels = heads * (1 + random.below(70));
    const vocabSize = 1 + random.below(60_000);
    const config: ModelConfig = {
      vocabSize,
      contextLength: 1 + random.below(4096),
      channels,
      layers: 1 + random.below(48),
      heads,
      innerChannels: random.pick([4 * channels, 1 + random.below(5000)]),
      activation: random.pick(activations),
      layerNormEpsilon: random.pick([1e-5, 1e-12, random.uniform()]),
      scaleAttention: random.pick([true, false]),
      scaleAttentionByInverseLayer: random.pick([true, false]),
      tiedHead: random.pick([true, false]),
      eosTokenIds: Array.from({ length: random.below(3) }, () => random.below(vocabSize)),
      bosTokenId: random.pick([undefined, random.below(vocabSize)]),
    };
    assert.equal(parseConfig(JSON.parse(JSON.stringify(configJson(config))), 'config.json'), config);
  }
});

test('tensors that do not fill their shape are refused, and nothing is left', async () => {
  const drain = async (tensors: TensorToWrite[]) => {
    for await (const _ of safetensorsChunks(tensors));
  };
  const tensor = (name: string, bytes: number): TensorToWrite => ({
    name,
    dtype: 'F16',
    shape: [3, 2],
    chunks: () => [new Uint8Array(bytes)],
  });
  await drain([tensor('a', 12), tensor('b', 12)]);
  await thrown(() => drain([tensor('a', 12), tensor('b', 11)]), 'invalid-option', '"b" gave 11', '12');
  await thrown(() => drain([tensor('a', 12), tensor('a', 12)]), 'invalid-option', 'two tensors');

  const { config } = randomModel(await fixtureConfig('base'), randomSource(805));
  const target = memoryTarget();
  await thrown(
    () => writeCheckpoint(target, { config, weight: () => [new Float32Array(1)] }),
    'invalid-option',
    'gave 4 bytes',
  );
  await target.commit();
  assert.equal(target.files, {});
});

test.run();

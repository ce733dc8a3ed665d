import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encoderParameters } from '../../../src/architecture/vit/parameters.js';
import { VISION_MODELS, visionModel } from '../../support/encoders.js';

for (const name of VISION_MODELS) {
  test(`${name}: the list has each weight of the file, with its shape, but those of the decoder and the pooler`, () => {
    const { config, shapes } = visionModel(name);
    const listed = encoderParameters(config).map(({ name, shape, storedShape }) => [
      name,
      storedShape ?? shape,
    ]);
    const stored = [...shapes].filter(([name]) => !/^(decoder|pooler)\./.test(name));
    const sorted = (list: unknown[][]) => list.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
    assert.equal(sorted(listed), sorted(stored));
  });
}

test('a shape in the file has as many numbers as that of the parameter', () => {
  const { config } = visionModel('deit-gpt2');
  const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size);
  let others = 0;
  for (const { name, shape, storedShape } of encoderParameters(config)) {
    if (storedShape === undefined) continue;
    assert.is(count(storedShape), count(shape), name);
    others++;
  }
  assert.is(others, 4);
});

test('queries, keys and values follow one another, and so do their biases, if the config has any', () => {
  const { config } = visionModel('vit-gpt2');
  for (const qkvBias of [true, false]) {
    const names = encoderParameters({ ...config, qkvBias }).map(({ name }) => name);
    const start = names.indexOf('encoder.layer.1.attention.attention.query.weight');
    const parts = ['weight', ...(qkvBias ? ['bias'] : [])].flatMap((kind) =>
      ['query', 'key', 'value'].map((part) => `encoder.layer.1.attention.attention.${part}.${kind}`),
    );
    assert.equal(names.slice(start, start + parts.length), parts);
    assert.is(names.filter((name) => name.endsWith('query.bias')).length, qkvBias ? config.layers : 0);
  }
});

test.run();

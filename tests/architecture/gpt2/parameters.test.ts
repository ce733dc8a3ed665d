import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../src/architecture/gpt2/config.js';
import { parameterCount } from '../../../src/architecture/gpt2/parameters.js';
import { CHECKPOINTS, fixture, split } from '../../checkpoints/support.js';

test('counts the parameters that GPT-2 is known for', () => {
  const count = (fields: object) =>
    parameterCount(parseConfig({ model_type: 'gpt2', ...fields }, 'config.json'));
  assert.is(count({}), 124_439_808);
  assert.is(count({ n_embd: 1024, n_head: 16, n_layer: 24 }), 354_823_168);
  assert.is(count({ n_embd: 1280, n_head: 20, n_layer: 36 }), 774_030_080);
  assert.is(count({ n_embd: 1600, n_head: 25, n_layer: 48 }), 1_557_611_200);
});

for (const name of readdirSync(CHECKPOINTS)) {
  test(`counts every number that ${name} stores`, () => {
    let stored = 0;
    for (const [path, file] of Object.entries(fixture(name))) {
      if (!path.endsWith('.safetensors')) continue;
      for (const [tensor, { shape }] of Object.entries(split(file).header)) {
        if (!/\.attn\.(masked_)?bias$/.test(tensor)) stored += shape.reduce((a, b) => a * b, 1);
      }
    }
    const json = JSON.parse(new TextDecoder().decode(fixture(name)['config.json']));
    assert.is(parameterCount(parseConfig(json, 'config.json')), stored);
  });
}

test.run();

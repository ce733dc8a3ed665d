import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelParameters } from '../../src/architecture/gpt2/parameters.js';
import { mismatch } from '../../src/checkpoints/mismatch.js';
import type { StoredModel } from '../../src/checkpoints/stored_model.js';
import { SMALL_CONFIG } from '../support/small_model.js';

test('a config that claims thousands of layers is refused at the first that is not stored', () => {
  const parameters = modelParameters({ ...SMALL_CONFIG, layers: 4096 });
  let read = 0;
  const error = mismatch(parameters, [], {
    ...{ source: 'a', config: 'config.json', layers: 4096, layersField: 'n_layer', layerPrefix: 'h' },
    canonicalName: (name) => name,
    nameOf: (name) => name,
    fits: () => true,
    layoutOf(parameter) {
      read++;
      return parameter;
    },
  } as StoredModel);
  assert.is(read, 1);
  assert.match(error.message, /has no tensor "wte.weight"/);
});

test.run();

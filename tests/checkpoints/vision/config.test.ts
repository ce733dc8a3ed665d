import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { parseCaptionerConfig } from '../../../src/checkpoints/vision/config.js';
import { CAPTIONERS, captionerFiles } from '../../support/captioners.js';
import { holds } from '../../support/property.js';

type Json = Record<string, unknown>;

const configs = CAPTIONERS.map((name): Json => {
  const { 'config.json': bytes } = captionerFiles(name);
  return JSON.parse(new TextDecoder().decode(bytes));
});

const value = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 2, 7, 32, 48, 1e9, 2 ** 53, 0.5, '', 'gpt2', 'vit', 'gelu'),
  fc.constantFrom([], [3, 3], [32, 16], {}, { model_type: 'vit' }),
  fc.jsonValue(),
);
const change = fc.record({
  part: fc.constantFrom('', 'encoder', 'decoder'),
  field: fc.nat(),
  value: fc.oneof(value, fc.constant(undefined)),
});

test('a config with any changed fields is read, with sizes that fit, or refused', async () => {
  await holds(
    'changed configs of captioners',
    fc.record({
      config: fc.constantFrom(...configs),
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      generation: fc.oneof(
        fc.constant(undefined),
        fc.dictionary(fc.constantFrom('eos_token_id', 'x'), value),
      ),
    }),
    async ({ config, changes, generation }) => {
      const changed = structuredClone(config);
      for (const { part, field, value } of changes) {
        const place = part === '' ? changed : changed[part];
        if (typeof place !== 'object' || place === null) continue;
        const names = Object.keys(place);
        const name = names[field % Math.max(1, names.length)];
        if (name !== undefined) (place as Json)[name] = value;
      }
      // As it would be in a file.
      const json = JSON.parse(JSON.stringify(changed));
      const named = generation && { json: generation, where: 'generation_config.json' };
      try {
        const { encoder, decoder, startTokenId } = parseCaptionerConfig(
          { json, where: 'config.json' },
          named,
        );
        assert.is(encoder.outputChannels ?? encoder.channels, decoder.channels);
        assert.ok(startTokenId >= 0 && startTokenId < decoder.vocabSize);
        for (const id of decoder.eosTokenIds) assert.ok(id >= 0 && id < decoder.vocabSize);
        assert.is(decoder.crossAttention, true);
      } catch (error) {
        if (!(error instanceof Gpt2Error)) throw error;
        assert.ok(['invalid-file', 'unsupported'].includes(error.code), error.message);
        assert.match(error.message, /config\.json/);
      }
    },
    300,
  );
});

test.run();

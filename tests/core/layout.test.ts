import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/index.js';
import { logitsOf } from '../../src/model/logits.js';
import { idsOnly } from '../../src/tokenizer/ids_only.js';
import { randomCore } from '../support/random_core.js';

test('a full batch of a model with a wide MLP and few tokens stays inside its regions', async () => {
  const config = { channels: 16, heads: 2, innerChannels: 4096, layers: 2, contextLength: 132, vocabSize: 8 };
  const tokenizer = idsOnly(new Gpt2Error('not-found', 'it has none'), config.vocabSize);
  const ids = Array.from({ length: 132 }, (_, i) => (5 * i) % 8);
  for (const weights of ['q8', 'q4'] as const) {
    const core = await randomCore({ config, weights });
    try {
      const all = await logitsOf(core, tokenizer, ids, {});
      const few = await logitsOf(core, tokenizer, ids.slice(0, 3), {});
      assert.equal(all.slice(0, few.length), few, weights);
    } finally {
      core.dispose();
    }
  }
});

test.run();

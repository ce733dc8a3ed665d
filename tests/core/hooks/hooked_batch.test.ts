import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkEdits } from '../../../src/core/hooks/edit.js';
import { HookedBatch } from '../../../src/core/hooks/hooked_batch.js';
import { TraceHooks } from '../../../src/core/hooks/hooks.js';
import { placeReads, readPoints } from '../../../src/core/hooks/reads.js';
import type { Tracer } from '../../../src/core/hooks/tracer.js';
import { SMALL_CONFIG } from '../../support/small_model.js';

const tracer = {} as Tracer;
const TOKENS = 20;

/** The layers with hooks in a batch of tokens `start` to `start` + `count` - 1 of a text. */
function hookedLayers(start: number, count: number): number[] {
  const edit = [
    { hook: 'blocks.0.hook_resid_post', positions: [3, 9], op: 'zero' },
    { hook: 'blocks.1.attn.hook_z', positions: 'generated', op: 'zero' },
    { hook: 'blocks.3.hook_mlp_out', op: 'zero' },
  ];
  const edits = checkEdits(edit, config, { tokens: TOKENS, grows: true });
  const reads = placeReads(readPoints(['blocks.2.hook_mlp_out'], config), [12], TOKENS);
  const evaluation = {
    tokens: new Array(start + count).fill(0),
    inputs: { hooks: new TraceHooks(tracer, edits, reads) },
    read() {},
  };
  const batch = new HookedBatch(tracer, [{ request: { evaluation }, start, count, wanted: 1 }]);
  return [0, 1, 2, 3].filter((layer) => batch.hasHooks(layer));
}

const config = { ...SMALL_CONFIG, layers: 4 };

test('a layer whose hooks are at other positions than those of a batch is computed as without hooks', () => {
  assert.equal(hookedLayers(0, 3), [3]);
  assert.equal(hookedLayers(0, 4), [0, 3]);
  assert.equal(hookedLayers(4, 5), [3]);
  assert.equal(hookedLayers(4, 9), [0, 2, 3]);
  assert.equal(hookedLayers(18, 2), [3]);
  assert.equal(hookedLayers(18, 3), [1, 3]);
  assert.equal(hookedLayers(TOKENS, 1), [1, 3]);
});

test.run();

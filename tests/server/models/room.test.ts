import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LoadedModel, loadedModels } from '../../../src/generate/loaded_models.js';
import type { Model } from '../../../src/index.js';
import { ApiError } from '../../../src/server/api_error.js';
import { Room } from '../../../src/server/models/room.js';
import { Slot } from '../../../src/server/models/slot.js';

test('who asks with a signal that has fired gets its reason, and others get the model', async () => {
  const model = { dispose() {} } as Model;
  loadedModels.set(model, {} as LoadedModel);
  const room = new Room();
  const slot = new Slot({ load: async () => model }, () => {});
  const reason = new ApiError(499, 'the client has left');
  const refused = await room.use(slot, AbortSignal.abort(reason)).catch((error) => error);
  assert.is(refused, reason);
  const never = new AbortController().signal;
  assert.is(await room.use(slot, never), model);
  assert.is(await room.use(slot, never), model);
});

test.run();

import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import { type Requests, withFailingMemory } from './failing_memory.js';

/**
 * Lets each allocation of a call fail, one after the other: it must succeed nevertheless, or throw `out-of-memory`.
 * `check` looks at what is left after each; `place` names the allocation in messages.
 */
export async function eachAllocationFails(
  call: () => unknown,
  check: (place: string) => unknown = () => {},
): Promise<void> {
  await call();
  const made = await withFailingMemory(call);
  for (const kind of Object.keys(made) as (keyof Requests)[]) {
    for (let n = 0; n < made[kind]; n++) {
      await withFailingMemory(call, { [kind]: n }).catch((error) => {
        assert.instance(error, Gpt2Error, `${kind} ${n}: ${error.stack}`);
        assert.is(error.code, 'out-of-memory', `${kind} ${n}: ${error.message}`);
      });
      await check(`${kind} ${n}`);
    }
  }
}

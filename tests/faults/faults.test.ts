import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diskErrors } from './disk_errors.js';
import type { FileCall } from './file_calls.js';
import { killsAtCalls } from './kills.js';
import { runUndisturbed } from './undisturbed.js';
import { createWorld } from './world.js';

const world = await createWorld();
test.after(() => world.remove());

/** The faults of `npm run faults calls disk` at the last call of a name. */
const FAULTS: Readonly<
  Record<string, readonly [kind: typeof killsAtCalls, call: FileCall['name'], when: string][]>
> = {
  // A folder with new files beside old ones opened as a model.
  'convert --force to a folder': [
    [killsAtCalls, 'rename', 'killed'],
    [diskErrors, 'rename', 'EIO'],
  ],
  // The command that was given again refused to overwrite the answers.
  batch: [[killsAtCalls, 'rm', 'killed']],
};

for (const [name, faults] of Object.entries(FAULTS)) {
  test(`${name}: a fault leaves whole files, and the command that is given again ends well`, async () => {
    const run = await runUndisturbed(name, world);
    for (const [kind, callName, words] of faults) {
      const index = run.calls.findLastIndex((call) => call.name === callName);
      const fault = [...kind(run)].find(
        ({ when }) => when.includes(words) && when.includes(` call ${index + 1},`),
      );
      assert.is(await fault!.run(), undefined, fault!.when);
    }
  });
}

test.run();

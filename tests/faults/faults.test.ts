import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileCall } from './file_calls.js';
import { killsAtCalls } from './kills.js';
import { runUndisturbed } from './undisturbed.js';
import { createWorld } from './world.js';

const world = await createWorld();
test.after(() => world.remove());

/** Of the calls of `npm run faults calls`, those at which commands once left files that they could not continue with. */
const KILLS: Readonly<Record<string, (calls: readonly FileCall[]) => FileCall | undefined>> = {
  'convert --force to a folder': (calls) => calls.findLast(({ name }) => name === 'rename'),
  batch: (calls) => calls.findLast(({ name }) => name === 'rm'),
};

for (const [name, choose] of Object.entries(KILLS)) {
  test(`${name}: a kill leaves whole files, and the command that is given again ends well`, async () => {
    const run = await runUndisturbed(name, world);
    const call = choose(run.calls)!;
    const [kill] = [...killsAtCalls(run)].filter(({ when }) =>
      when.includes(`call ${run.calls.indexOf(call) + 1},`),
    );
    assert.is(await kill!.run(), undefined, kill!.when);
  });
}

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskMaker } from '../../src/base/next_task.js';
import { taskGlobals } from '../../src/base/timers.js';
import { countTurns } from '../support/turns.js';

for (const missing of [[], ['setImmediate'], ['setImmediate', 'MessageChannel']]) {
  test(`other tasks get their turn; missing: ${missing.join(', ') || 'nothing'}`, async () => {
    const nextTask = taskMaker({
      ...taskGlobals,
      ...Object.fromEntries(missing.map((name) => [name, undefined])),
    });
    const turns = countTurns();
    for (let i = 0; i < 20; i++) await nextTask();
    turns.stop();
    assert.ok(turns.taken() >= 10, `${turns.taken()} turns of another task in 20`);
  });
}

test.run();

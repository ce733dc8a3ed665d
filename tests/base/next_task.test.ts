import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskMaker } from '../../src/base/next_task.js';
import { taskGlobals } from '../../src/base/timers.js';

for (const missing of [[], ['setImmediate'], ['setImmediate', 'MessageChannel']]) {
  test(`other tasks get their turn; missing: ${missing.join(', ') || 'nothing'}`, async () => {
    const nextTask = taskMaker({
      ...taskGlobals,
      ...Object.fromEntries(missing.map((name) => [name, undefined])),
    });
    let turns = 0;
    let done = false;
    const turn = () => {
      turns++;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    for (let i = 0; i < 20; i++) await nextTask();
    done = true;
    assert.ok(turns >= 10, `${turns} turns of another task in 20`);
  });
}

test.run();

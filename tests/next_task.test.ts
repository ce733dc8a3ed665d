import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextTask } from '../src/next_task.js';

/** Runs a call in a runtime that lacks some globals. */
async function without(names: string[], call: () => Promise<void>): Promise<void> {
  const globals = globalThis as unknown as Record<string, unknown>;
  const saved = names.map((name) => globals[name]);
  for (const name of names) globals[name] = undefined;
  try {
    await call();
  } finally {
    names.forEach((name, index) => {
      globals[name] = saved[index];
    });
  }
}

for (const missing of [[], ['setImmediate'], ['setImmediate', 'MessageChannel']]) {
  test(`other tasks get their turn; missing: ${missing.join(', ') || 'nothing'}`, async () => {
    const later = setImmediate;
    let turns = 0;
    let done = false;
    const turn = () => {
      turns++;
      if (!done) later(turn);
    };
    later(turn);
    await without(missing, async () => {
      for (let i = 0; i < 20; i++) await nextTask();
    });
    done = true;
    assert.ok(turns >= 10, `${turns} turns of another task in 20`);
  });
}

test.run();

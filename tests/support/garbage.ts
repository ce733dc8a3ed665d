import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

/** Collects garbage and lets finalizers run until `done`; returns false if that takes too long. */
export async function collectUntil(done: () => boolean): Promise<boolean> {
  for (let round = 0; round < 200; round++) {
    if (done()) return true;
    gc();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return done();
}

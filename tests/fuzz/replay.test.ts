import { test } from 'uvu';
import { checkInput } from './check_input.js';
import { keptFailures } from './corpus.js';
import { TARGETS, targetNamed } from './targets.js';

/** A run of the fuzzer begins with all. */
const MOST_SEEDS = 4;

for (const name of Object.keys(TARGETS)) {
  test(`${name}: inputs that once failed, and some valid ones, are read or refused`, async () => {
    const target = await targetNamed(name);
    for (const input of target.seeds().slice(0, MOST_SEEDS)) await checkInput(target, input);
    for (const { name: file, input } of keptFailures(name)) {
      await checkInput(target, input).catch((cause) => {
        throw new Error(`corpus/${name}/${file}`, { cause });
      });
    }
  });
}

test.run();

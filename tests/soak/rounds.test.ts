import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomSource } from '../support/random.js';
import { type Act, doOne, type Part } from './part.js';
import type { PartMessage } from './protocol.js';
import { soak } from './rounds.js';

/** A part whose acts take `seconds` of a processor, by its own account. */
function fakePart(seconds: number, act: Part['act']): Part & { running: number } {
  let used = 0;
  const part = {
    running: 0,
    lanes: 3,
    async act(random: Parameters<Part['act']>[0]) {
      part.running++;
      used += seconds;
      await new Promise((resolve) => setTimeout(resolve, 1));
      part.running--;
      return act(random);
    },
    async read() {
      return { workers: part.running };
    },
    seconds: () => used,
    end: async () => {},
  };
  return part;
}

async function messagesOf(part: Part, rounds: number, cores = 1): Promise<PartMessage[]> {
  const messages: PartMessage[] = [];
  const isOver = () => messages.filter(({ kind }) => kind === 'reading').length === rounds;
  await soak(part, { seed: 1, cores, roundMs: 30 }, isOver, (message) => messages.push(message));
  return messages;
}

test('after each round everything is measured while no act runs', async () => {
  const readings = await messagesOf(
    fakePart(0, async () => 'act'),
    4,
  );
  assert.is(readings.length, 4);
  let before = 0;
  for (const message of readings) {
    if (message.kind !== 'reading') assert.unreachable('nothing was wrong');
    else {
      assert.equal(message.reading, { workers: 0 });
      assert.ok(message.acts.act! > before);
      before = message.acts.act!;
    }
  }
});

test('acts that are wrong are told, and the others continue', async () => {
  let number = 0;
  const part = fakePart(0, async () => {
    if (++number === 2) throw new Error('another text');
    return 'act';
  });
  const messages = await messagesOf(part, 2);
  assert.equal(
    messages.filter(({ kind }) => kind === 'wrong'),
    [{ kind: 'wrong', message: 'another text' }],
  );
  assert.ok(number > 2);
});

test('a part that has taken its share of the processor waits', async () => {
  // Each act takes 1000 seconds, so that a lane may act once, and never again.
  let acts = 0;
  await messagesOf(
    fakePart(1000, async () => {
      acts++;
      return 'act';
    }),
    2,
  );
  assert.ok(acts >= 1 && acts <= 3, `${acts}`);
});

test('acts are chosen by their shares, and an error names its act', async () => {
  const random = randomSource(7);
  const acts: Act[] = [
    [3, 'often', async () => {}],
    [1, 'seldom', async () => {}],
  ];
  const counts: Record<string, number> = { often: 0, seldom: 0 };
  for (let i = 0; i < 1000; i++) counts[await doOne(acts, random)]!++;
  assert.ok(counts.often! > 700 && counts.often! < 800, `${counts.often}`);
  const failing: Act = [
    1,
    'fails',
    async () => {
      throw new Error('why');
    },
  ];
  let message = '';
  await doOne([failing], random).catch((error) => {
    message = error.message;
  });
  assert.is(message, 'fails: why');
});

test.run();

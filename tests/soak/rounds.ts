import { setTimeout as sleep } from 'node:timers/promises';
import { randomSource } from '../support/random.js';
import type { Part } from './part.js';
import type { PartMessage, PartOrder } from './protocol.js';

/** How long a lane waits for its share of the processor. */
const WAIT_MS = 50;

/**
 * Keeps a part busy until `isOver`, for one round or more, and measures it after each round, when all lanes are idle. Acts
 * wait while the part has taken more than its share of the processor.
 */
export async function soak(
  part: Part,
  { seed, cores, roundMs }: Pick<PartOrder, 'seed' | 'cores' | 'roundMs'>,
  isOver: () => boolean,
  tell: (message: PartMessage) => void,
): Promise<void> {
  const acts: Record<string, number> = {};
  const start = performance.now();
  const secondsBefore = await part.seconds();
  const mayAct = async () =>
    (await part.seconds()) - secondsBefore <= (cores * (performance.now() - start)) / 1000;
  const lane = async (number: number, end: number) => {
    const random = lanes[number]!;
    do {
      if (!(await mayAct())) {
        await sleep(WAIT_MS);
        continue;
      }
      try {
        const name = await part.act(random);
        acts[name] = (acts[name] ?? 0) + 1;
      } catch (error) {
        tell({ kind: 'wrong', message: String(error instanceof Error ? error.message : error) });
        await sleep(WAIT_MS);
      }
    } while (performance.now() < end && !isOver());
  };
  const lanes = Array.from({ length: part.lanes }, (_, number) => randomSource(seed + number * 7919));
  do {
    const end = performance.now() + roundMs;
    await Promise.all(lanes.map((_, number) => lane(number, end)));
    tell({ kind: 'reading', reading: await part.read(), acts: { ...acts } });
  } while (!isOver());
}

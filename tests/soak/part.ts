import type { randomSource } from '../support/random.js';
import type { Reading } from './verdict/metrics.js';

export type Random = ReturnType<typeof randomSource>;

/** Something that is kept busy and measured. */
export interface Part {
  /** How many acts run at the same time. */
  readonly lanes: number;
  /** Does one thing that users do, and gives its name. Throws if something wrong came of it. */
  act(random: Random): Promise<string>;
  /** Measures, while no act runs. */
  read(): Promise<Reading>;
  /** Seconds of processor time that it has taken. */
  seconds(): number | Promise<number>;
  end(): Promise<void>;
}

/** Starts a part, which may write to `folder`. */
export type StartPart = (folder: string) => Promise<Part>;

/** An act, with how often it is done beside the others. */
export type Act = readonly [share: number, name: string, run: (random: Random) => Promise<void>];

/** Does one of these and gives its name; errors say which it was. */
export async function doOne(acts: readonly Act[], random: Random): Promise<string> {
  const place = random.uniform() * acts.reduce((sum, [share]) => sum + share, 0);
  let sum = 0;
  const [, name, run] = acts.find(([share]) => {
    sum += share;
    return place < sum;
  })!;
  try {
    await run(random);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return name;
}

import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import type { ModelSource } from '../../src/files/source.js';
import { holds } from '../support/property.js';
import { memorySource } from '../support/sources.js';

/** Changes of one file: bytes that are replaced, then its end, which is cut off or grows. */
interface Damage {
  readonly file: number;
  readonly bytes: readonly (readonly [at: number, value: number])[];
  readonly length: number | undefined;
}

/** A place in a file as a part of its length; beginnings, where headers are, come more often. */
const place = fc.oneof(
  fc.double({ min: 0, max: 0.999, noNaN: true }),
  fc.nat(200).map((at) => at / 1e5),
);

const damage: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(),
  bytes: fc.array(fc.tuple(place, fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff))), {
    maxLength: 6,
  }),
  length: fc.option(fc.double({ min: 0, max: 1.2, noNaN: true }), { nil: undefined, freq: 4 }),
});

function damaged(files: Readonly<Record<string, Uint8Array>>, { file, bytes, length }: Damage) {
  const names = Object.keys(files);
  const name = names[file % names.length]!;
  const old = files[name]!;
  const changed = new Uint8Array(length === undefined ? old.length : Math.floor(length * old.length));
  changed.set(old.subarray(0, changed.length));
  for (const [at, value] of bytes) if (changed.length > 0) changed[Math.floor(at * changed.length)] = value;
  return { ...files, [name]: changed };
}

/** Checks that damaged files open, or fail with a `Gpt2Error`, having read no more than `mostReads` times what the files have. */
export async function survivesDamage(
  title: string,
  files: Readonly<Record<string, Uint8Array>>,
  open: (source: ModelSource) => Promise<unknown>,
  runs = 300,
  mostReads = 4,
): Promise<void> {
  await holds(
    title,
    damage,
    async (change) => {
      const changed = damaged(files, change);
      const source = memorySource('damaged', changed);
      let read = 0;
      const counted: ModelSource = {
        ...source,
        read(path, start, end, ...rest) {
          read += Math.max(0, end - start);
          return source.read(path, start, end, ...rest);
        },
      };
      try {
        await open(counted);
      } catch (error) {
        if (!(error instanceof Gpt2Error)) throw error;
      }
      const bytes = Object.values(changed).reduce((sum, { length }) => sum + length, 0);
      assert.ok(read <= mostReads * bytes + 2 ** 16, `${read} bytes were read of ${bytes}`);
    },
    runs,
  );
}

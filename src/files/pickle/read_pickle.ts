import { Gpt2Error } from '../../base/errors.js';
import { readExactly } from '../read.js';
import type { ModelSource, SourceFile } from '../source.js';
import { MORE, PickleCursor } from './cursor.js';
import { type PickleHooks, PickleMachine } from './machine.js';
import { ACTIONS } from './opcodes.js';

/**
 * Longest pickle: it is held in memory. That of a training state has a megabyte or two; numbers are stored
 * outside.
 */
const MAX_PICKLE_BYTES = 2 ** 24;
/** The first part of a file that is read for a pickle in it. */
const FIRST_READ_BYTES = 2 ** 18;
const STOP = '.'.charCodeAt(0);

/** A value, and the position behind its pickle. */
export interface ReadPickle {
  readonly value: unknown;
  readonly end: number;
}

/**
 * Reads one pickle of protocols 0 to 5 from `start` on, as data: nothing that it names is looked up or
 * called. `None` is null; whole numbers are numbers, or bigints if they are large; lists and tuples are
 * arrays, dictionaries maps, sets sets, texts strings, bytes views of `bytes`; all else is a `PickleName` or
 * a `PickleObject`, if `hooks` gives it no other meaning. Time and memory are in proportion to the bytes.
 * Lists may contain themselves.
 *
 * Throws `invalid-file`, also for names that attacks use. `where` names the bytes in messages.
 */
export function readPickle(bytes: Uint8Array, where: string, hooks: PickleHooks = {}, start = 0): ReadPickle {
  return readFrom(bytes, where, hooks, start, bytes.length)!;
}

/** `undefined` if the pickle is longer than `bytes`, which are the first of a file of `byteLength` bytes. */
function readFrom(
  bytes: Uint8Array,
  where: string,
  hooks: PickleHooks,
  start: number,
  byteLength: number,
): ReadPickle | undefined {
  const cursor = new PickleCursor(bytes, where, start, byteLength);
  const machine = new PickleMachine(cursor, hooks);
  try {
    for (;;) {
      const opcode = cursor.u8();
      if (opcode === STOP) return { value: machine.stop(), end: cursor.at };
      const action = ACTIONS[opcode];
      if (action === undefined)
        throw cursor.error(`no pickle has the byte 0x${opcode.toString(16)}, which is`);
      action(machine);
    }
  } catch (error) {
    if (error === MORE) return undefined;
    throw error;
  }
}

/** The pickles at the start of a file, one after the other. */
export class PickleFile {
  /** Position behind the last pickle. */
  at = 0;
  /** The first bytes of the file. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly #source: ModelSource;
  readonly #file: SourceFile;
  readonly #signal: AbortSignal | undefined;

  constructor(source: ModelSource, file: SourceFile, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#file = file;
    this.#signal = signal;
  }

  /** Reads the next pickle. `hooks` may be asked for the same things several times. */
  async next(hooks: PickleHooks = {}): Promise<unknown> {
    const { path, byteLength } = this.#file;
    const where = `${path} of ${this.#source.name}`;
    for (;;) {
      const read = readFrom(this.bytes, where, hooks, this.at, byteLength);
      if (read !== undefined) {
        this.at = read.end;
        return read.value;
      }
      const length = Math.min(byteLength, Math.max(FIRST_READ_BYTES, 4 * this.bytes.length));
      if (this.bytes.length >= MAX_PICKLE_BYTES) throw tooLong(where, byteLength);
      this.bytes = await readExactly(this.#source, path, 0, length, this.#signal);
    }
  }
}

/** Reads a pickle that is a part of a file: bytes `start` to `end`. */
export async function readPickleIn(
  source: ModelSource,
  path: string,
  [start, end]: readonly [number, number],
  where: string,
  hooks: PickleHooks,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (end - start > MAX_PICKLE_BYTES) throw tooLong(where, end - start);
  return readPickle(await readExactly(source, path, start, end, signal), where, hooks).value;
}

function tooLong(where: string, byteLength: number): Gpt2Error {
  return new Gpt2Error(
    'invalid-file',
    `${where} has ${byteLength} bytes, and its pickle more than ${MAX_PICKLE_BYTES}, which is too long for the ` +
      'description of a model',
  );
}

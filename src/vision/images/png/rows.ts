import { Unzlib } from 'fflate/browser';
import type { Bytes } from '../../../base/bytes.js';
import { Gpt2Error } from '../../../base/errors.js';
import { memoryError } from '../../../base/memory_error.js';
import type { PngHeader } from './header.js';
import { passesOf } from './passes.js';
import type { RowWriter } from './row_writer.js';
import { unfilter } from './unfilter.js';

/** Bytes that are inflated at a time: they become at most 1,032 times as many. */
const PART = 2 ** 14;
const MOST_EXPANSION = 1032;

/** Whether compressed data is long enough for all rows: a short file must not reserve a large picture. */
export function canHoldRows(header: PngHeader, compressed: readonly Bytes[]): boolean {
  const needed = passesOf(header).reduce((sum, { height, rowBytes }) => sum + height * (rowBytes + 1), 0);
  return compressed.reduce((sum, data) => sum + data.length, 0) * MOST_EXPANSION >= needed;
}

/** Inflates the rows of a picture and gives each to `write`. Throws `invalid-file` if rows are missing. */
export function readRows(header: PngHeader, compressed: readonly Bytes[], write: RowWriter): void {
  const passes = passesOf(header);
  const step = Math.ceil((header.samples * header.depth) / 8);
  const mostBytes = Math.max(...passes.map((pass) => pass.rowBytes)) + 1;
  let row = new Uint8Array(mostBytes);
  let above = new Uint8Array(mostBytes);
  let index = 0;
  let y = 0;
  let filled = 0;

  const take = (inflated: Uint8Array): void => {
    for (let at = 0; at < inflated.length && index < passes.length; ) {
      const pass = passes[index]!;
      const length = Math.min(pass.rowBytes + 1 - filled, inflated.length - at);
      row.set(inflated.subarray(at, at + length), filled);
      at += length;
      filled += length;
      if (filled < pass.rowBytes + 1) return;
      unfilter(row, above, pass.rowBytes, step);
      write(row.subarray(1), pass, y);
      [row, above] = [above, row];
      filled = 0;
      if (++y < pass.height) continue;
      y = 0;
      index++;
      above.fill(0);
    }
  };

  const inflate = new Unzlib(take);
  for (const data of partsOf(compressed)) {
    if (index === passes.length) break;
    push(inflate, data);
  }
  if (index < passes.length) {
    const done = passes.slice(0, index).reduce((sum, pass) => sum + pass.height, y);
    const all = passes.reduce((sum, pass) => sum + pass.height, 0);
    throw new Gpt2Error('invalid-file', `the PNG is cut off: it has ${done} of ${all} rows`);
  }
}

/** Data in parts of PART bytes and a last one: each costs as much as the window of 32 KiB, however short it is. */
function* partsOf(compressed: readonly Bytes[]): Generator<Bytes> {
  let part = new Uint8Array(PART);
  let filled = 0;
  for (const data of compressed) {
    for (let at = 0; at < data.length; ) {
      const length = Math.min(PART - filled, data.length - at);
      part.set(data.subarray(at, at + length), filled);
      at += length;
      filled += length;
      if (filled < PART) continue;
      yield part;
      part = new Uint8Array(PART);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

function push(inflate: Unzlib, data: Bytes): void {
  try {
    inflate.push(data);
  } catch (cause) {
    const failure = memoryError(cause);
    if (failure instanceof Gpt2Error) throw failure;
    throw new Gpt2Error('invalid-file', 'the PNG is damaged: its compressed data cannot be read', { cause });
  }
}

import { PAGE, padded, pagePartBytes } from '../abi';
import { attendToAll } from '../kernels/attention';
import { storeKeyValue } from '../kernels/kv/store';
import { Model } from '../models/structs';
import { ownScratch, takeChunk } from '../threads';
import { rowBytes } from './rows';

/*
 * Attention of every row to all rows. Queries, keys and values are the three parts of a row of `model.qkv`, each
 * padded to whole panels. `pages` holds the keys and values of one layer: an array of addresses, and a page is
 * [heads] of parts.
 */

/** Rows whose attention is one item of work; a multiple of the rows of a tile of attention. */
const ROWS: i32 = 48;

/** Stores the keys and values of all rows in the pages. */
export function storeAllRows(model: Model, pages: usize, rows: i32): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const partBytes = <usize>pagePartBytes(model.kv, headSize);
  const stride = rowBytes(3 * padded(C));
  const items = ((rows + PAGE - 1) / PAGE) * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    const page = item / model.heads;
    const head = item % model.heads;
    const keys = model.qkv + stride * (PAGE * page) + rowBytes(C) + ((<usize>(headSize * head)) << 2);
    storeKeyValue(
      model.kv,
      <usize>load<u32>(pages + ((<usize>page) << 2)) + partBytes * head,
      keys,
      keys + rowBytes(C),
      stride,
      min(PAGE, rows - PAGE * page),
      0,
      headSize,
    );
  }
}

/** Attention of all rows into `model.normed`; `storeAllRows` must be complete. */
export function attendAllRows(model: Model, pages: usize, rows: i32, scoreScale: f32): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const partBytes = <usize>pagePartBytes(model.kv, headSize);
  const stride = rowBytes(3 * padded(C));
  const items = ((rows + ROWS - 1) / ROWS) * model.heads;
  for (let item = takeChunk(1); item < items; item = takeChunk(1)) {
    const first = (item / model.heads) * ROWS;
    const head = item % model.heads;
    const headBytes = (<usize>(headSize * head)) << 2;
    attendToAll(
      model.kv,
      model.normed + rowBytes(C) * first + headBytes,
      rowBytes(C),
      model.qkv + stride * first + headBytes,
      stride,
      min(ROWS, rows - first),
      rows,
      pages,
      partBytes * head,
      headSize,
      scoreScale,
      ownScratch(model.scratch, model.scratchBytes),
    );
  }
}

import { padded } from '../abi';
import { attendHead, storeKeyValue } from '../kernels/attention';
import { Model } from '../models/structs';
import { ownScratch, takeChunk } from '../threads';
import { rowBytes } from './rows';

/**
 * Causal attention of `rows` positions from `start` on into `model.normed`, a head at a time: stores the keys
 * and values of `model.qkv` in the layer's cache, then attends to all positions up to each row's.
 */
export function attend(model: Model, scoreScale: f32, keys: usize, values: usize, rows: i32, start: i32): void {
  const C = model.channels;
  const headSize = C / model.heads;
  const capacity = model.capacity;
  const qkvStride = rowBytes(3 * C);
  const headBytes = (<usize>headSize) << 2;
  const keyHeadBytes = (<usize>capacity) * headBytes;
  const valueHeadBytes = ((<usize>capacity) * padded(headSize)) << 2;
  for (let head = takeChunk(1); head < model.heads; head = takeChunk(1)) {
    const q = model.qkv + headBytes * head;
    const k = q + ((<usize>C) << 2);
    const v = k + ((<usize>C) << 2);
    const headKeys = keys + keyHeadBytes * head;
    const headValues = values + valueHeadBytes * head;
    storeKeyValue(headKeys, headValues, capacity, k, v, qkvStride, rows, start, headSize);
    attendHead(
      model.normed + headBytes * head,
      rowBytes(C),
      q,
      qkvStride,
      rows,
      start,
      headKeys,
      headValues,
      capacity,
      headSize,
      scoreScale,
      ownScratch(model.scratch, model.scratchBytes),
    );
  }
}

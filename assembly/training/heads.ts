import { HEAD_BYTES } from './abi';
import { attendBackward } from './backward/attention';
import { attendForward } from './attention';
import { Head } from './head';
import { attentionDropout, attentionSite, crossAttentionSite, kept, rowsBytes, sumsBytes } from './places';
import { rowBytes } from '../layers/rows';
import { layerOf } from '../models/structs';
import { modelOf, rowsOf, scratchOf } from './phases';
import { CrossTraining, Training } from './structs';
import { barrier, shareEnd, shareStart, takeChunk } from '../threads';

/*
 * Attention of a layer, forward or, if `backward`, from the gradient of its output in training.dnormed. Threads
 * share the pairs of a sequence and a head.
 *
 * Rows that see only those of their document get what they would get if the document were a sequence of its own, to
 * the last bit, since it is attended to as one; the scores between documents are never computed.
 */

/** A layer's attention of rows to each other; the gradients of queries, keys and values go to training.dhidden. */
export function attendSelf(training: Training, index: i32, backward: bool): void {
  const C = modelOf(training).channels;
  const N = layerOf(modelOf(training), index).attn.N;
  // In an encoder, each of the three parts of a row fills whole panels.
  const part = (<usize>(N / 3)) << 2;
  const head = headOf(training, index);
  head.S = training.length;
  head.causal = training.causal;
  head.stride = rowBytes(N);
  head.keyStride = rowBytes(N);
  head.site = attentionSite(training, index);
  const q = kept(training, training.qkv, rowsBytes(training, N), index);
  const out = kept(training, training.attentionOutput, rowsBytes(training, C), index);
  const sums = kept(training, training.logSums, sumsBytes(training), index);
  const dq = training.dhidden;
  if (backward && N > 3 * C) clearGaps(training, dq, rowBytes(N), part, (<usize>C) << 2);
  attendAll(training, head, q, q + part, q + 2 * part, out, sums, backward, dq, dq + part, dq + 2 * part);
}

/**
 * A layer's attention to encoder states; the gradients of queries go to training.dhidden, [R, C], those of keys and
 * values to cross.dkeysAndValues.
 */
export function attendStates(training: Training, cross: CrossTraining, index: i32, backward: bool): void {
  const C = modelOf(training).channels;
  const part = (<usize>C) << 2;
  const stateRows = training.batch * cross.states;
  const head = headOf(training, index);
  head.S = cross.states;
  head.causal = 0;
  head.stride = rowBytes(C);
  head.keyStride = rowBytes(2 * C);
  head.site = crossAttentionSite(index);
  const q = kept(training, cross.queries, rowsBytes(training, C), index);
  const k = kept(training, cross.keysAndValues, rowBytes(2 * C) * stateRows, index);
  const out = kept(training, cross.output, rowsBytes(training, C), index);
  const sums = kept(training, cross.logSums, sumsBytes(training), index);
  const dk = cross.dkeysAndValues;
  attendAll(training, head, q, k, k + part, out, sums, backward, training.dhidden, dk, dk + part);
}

/** This thread's Head with what it has in common for all attentions of a layer. */
function headOf(training: Training, index: i32): Head {
  const model = modelOf(training);
  const head = changetype<Head>(scratchOf(training));
  head.T = training.length;
  head.headSize = model.channels / model.heads;
  head.outStride = rowBytes(model.channels);
  head.scale = layerOf(model, index).scoreScale;
  head.dropout = attentionDropout(training);
  return head;
}

/** Clears bytes `from` to before `part` of each of the three parts of this thread's rows. */
function clearGaps(training: Training, rows: usize, stride: usize, part: usize, from: usize): void {
  for (let row = shareStart(rowsOf(training)); row < shareEnd(rowsOf(training)); row++) {
    const at = rows + stride * row + from;
    for (let i: usize = 0; i < 3; i++) memory.fill(at + part * i, 0, part - from);
  }
}

/**
 * End of the document that begins at position `begin` of a sequence of T rows, whose documents are i32 [T] at `starts`;
 * if that is 0, T.
 */
function documentEnd(starts: usize, begin: i32, T: i32): i32 {
  if (!starts) return T;
  let end = begin + 1;
  while (end < T && load<i32>(starts + ((<usize>end) << 2)) == begin) end++;
  return end;
}

function attendAll(
  training: Training,
  head: Head,
  q: usize,
  k: usize,
  v: usize,
  out: usize,
  sums: usize,
  backward: bool,
  dq: usize,
  dk: usize,
  dv: usize,
): void {
  const heads = modelOf(training).heads;
  const T = head.T;
  const S = head.S;
  const headBytes = (<usize>head.headSize) << 2;
  const scratch = scratchOf(training) + HEAD_BYTES;
  const pairs = training.batch * heads;
  head.weightStride = S;
  for (let pair = takeChunk(1); pair < pairs; pair = takeChunk(1)) {
    const sequence = pair / heads;
    const column = headBytes * (pair % heads);
    const starts = training.starts ? training.starts + ((<usize>(sequence * T)) << 2) : 0;
    for (let begin = 0, end = 0; begin < T; begin = end) {
      end = documentEnd(starts, begin, T);
      head.T = end - begin;
      if (head.causal) head.S = head.T;
      const row = <usize>(sequence * T + begin);
      const at = head.stride * row + column;
      const keyAt = head.keyStride * (<usize>(sequence * S + begin)) + column;
      const outAt = head.outStride * row + column;
      head.q = q + at;
      head.k = k + keyAt;
      head.v = v + keyAt;
      head.out = out + outAt;
      head.logSums = sums + rowBytes(T) * pair + ((<usize>begin) << 2);
      head.firstWeight = <u32>((pair * T + begin) * S + begin);
      if (backward) attendBackward(head, dq + at, dk + keyAt, dv + keyAt, training.dnormed + outAt, scratch);
      else attendForward(head, scratch);
    }
  }
  barrier();
}

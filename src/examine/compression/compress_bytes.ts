import type { Bytes } from '../../base/bytes.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import { loadedModels } from '../../generate/loaded_models.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { modelIdentity } from '../model_identity.js';
import { contentHash, shortIdentity, writeFile } from './header.js';
import { type Intervals, intervalsOf } from './intervals.js';
import { RangeEncoder } from './range_coder.js';
import { codingOrder, cutOf } from './segments.js';
import { type Tokenized, tokenized } from './tokenized.js';

/** Tokens that are coded in one go: some milliseconds. */
const SLICE = 4096;

/** Operation: compresses bytes; see `compress`. */
export async function compressBytes(
  model: Model,
  { data }: { readonly data: Uint8Array },
  { signal, onProgress }: Work,
): Promise<Bytes> {
  checkBuild(model, 'compressing');
  const { core, tokenizer } = loadedModels.get(model)!;
  const { config } = core;
  const check = () => throwIfAborted(signal, 'compressing');
  const identity = shortIdentity(await modelIdentity(model));
  const text = await tokenized(data, tokenizer, config.vocabSize, check);
  const total = text.ids.length;
  const cut = cutOf(total, config);
  let done = 0;
  onProgress?.({ done, total });
  const intervals = await intervalsOf(core, text, cut, signal, (count) => {
    done += count;
    onProgress?.({ done, total });
  });
  const encoder = new RangeEncoder();
  let coded = 0;
  for (const index of codingOrder(cut)) {
    if (++coded % SLICE === 0) {
      await nextTask();
      check();
    }
    encodeToken(encoder, text, intervals, index);
  }
  const header = {
    identity,
    contextLength: config.contextLength,
    bytes: data.length,
    hash: contentHash(data),
  };
  const file = writeFile({ ...header, cut, stored: text.tail.length }, encoder.finish(), text.tail);
  const stored = writeFile(
    { ...header, cut: cutOf(0, config), stored: data.length },
    new Uint8Array(0),
    data,
  );
  return file.length < stored.length ? file : stored;
}

/** Codes the literals before a token, and the token. */
function encodeToken(
  encoder: RangeEncoder,
  { literals }: Tokenized,
  intervals: Intervals,
  index: number,
): void {
  for (const literal of literals.get(index) ?? []) {
    encoder.encode(intervals.escape(index));
    encoder.encodeByte(literal.length - 1);
    for (const byte of literal) encoder.encodeByte(byte);
  }
  encoder.encode(intervals.token(index));
}

/** Throws `invalid-option` for a model whose numbers other machines may not compute. */
export function checkBuild({ runtime }: Model, what: string): void {
  if (runtime.build === 'simd') return;
  throw new Gpt2Error(
    'invalid-option',
    `${what} needs the same bits on every machine, and the model runs the build ${runtime.build}; load it with build: 'simd'`,
  );
}

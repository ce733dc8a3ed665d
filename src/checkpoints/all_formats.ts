import type { CheckpointFormat } from './format.js';
import { LLMC } from './llmc/format.js';
import { PYTORCH } from './pytorch/format.js';
import { TENSORFLOW } from './tensorflow/format.js';
import { FORMATS } from './usual_formats.js';

/** Every format that is read, the usual ones first; loaded on demand, for sources that have none of those. */
export const ALL_FORMATS: readonly CheckpointFormat[] = [...FORMATS, PYTORCH, LLMC, TENSORFLOW];

/**
 * All formats in which a model is looked for after `formats`, which are the usual ones unless a test has
 * others.
 */
export const allOf = (formats: readonly CheckpointFormat[]): readonly CheckpointFormat[] =>
  formats === FORMATS ? ALL_FORMATS : formats;

/**
 * Files whose extension is that of a model, but which training runs, adapters and tokenizers have beside one,
 * and parts of models.
 */
export const BESIDE_MODELS =
  /(?:^|\/)(?:pytorch_model-[^/]*\.bin|optimizer\.(?:pt|bin)|scheduler\.(?:pt|bin)|scaler\.pt|sampler[^/]*\.bin|[^/]*_optim_states\.pt|rng_state[^/]*\.pth|training_args\.bin|adapter_model\.bin|state_\d{8}[^/]*\.bin|gpt2_tokenizer\.bin)$/;

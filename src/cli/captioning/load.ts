import type { Captioner } from '../../vision/captioner.js';
import { loadCaptioner } from '../../vision/load_captioner.js';
import { withLoadProgress } from '../inputs/load_progress.js';
import type { ModelValues } from '../options/model_flags.js';

/** Values of the flags that decide which captioner a command computes with, and how. */
export type CaptionerValues = Omit<ModelValues, 'model' | 'adapter'> & { readonly model: string };

/** Loads the captioner of a command, with progress on stderr. */
export async function captionerForCommand(values: CaptionerValues, signal: AbortSignal): Promise<Captioner> {
  const { model, revision, contextLength, weights, kvCache, maxMemory } = values;
  const { build = 'auto', threads = 'auto' } = values;
  const options = { revision, contextLength, weights, kvCache, maxMemory, build, threads, signal };
  return withLoadProgress(values, (progress) => loadCaptioner(model, { ...options, ...progress }));
}

import { embeddedCaptioner } from '../../files/folder/embedded_models.js';
import type { Captioner } from '../../vision/captioner.js';
import { loadCaptioner } from '../../vision/load_captioner.js';
import { withLoadProgress } from '../inputs/load_progress.js';
import type { ModelValues } from '../options/model_flags.js';
import { note } from '../terminal/output.js';

/** Values of the flags that decide which captioner a command computes with, and how. */
export type CaptionerValues = Omit<ModelValues, 'adapter'>;

const EMBEDDED =
  'captioning with the model of the package, which knows drawings of circles, squares, triangles and stars alone; for ' +
  'photos give another, such as --model nlpconnect/vit-gpt2-image-captioning';

/** Loads the captioner of a command, by default that of the package, with progress on stderr. */
export async function captionerForCommand(values: CaptionerValues, signal: AbortSignal): Promise<Captioner> {
  if (values.model === undefined && !values.quiet) note(EMBEDDED);
  const { model = embeddedCaptioner, revision, contextLength, weights, kvCache, maxMemory } = values;
  const { build = 'auto', threads = 'auto' } = values;
  const options = { revision, contextLength, weights, kvCache, maxMemory, build, threads, signal };
  return withLoadProgress(values, (progress) => loadCaptioner(model, { ...options, ...progress }));
}

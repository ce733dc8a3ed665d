import { loadedModels } from '../generate/loaded_models.js';
import { HEAD_OPERATIONS, type HeadOperation, headOperation } from '../model/heads/operations.js';
import type { Model } from '../model/model.js';
import type { Work } from '../model/remote_models.js';

/**
 * Work on a model that runs where the model is: in this thread, or in the model's worker. Arguments and results
 * are plain data and arrays of numbers, which can be cloned.
 */
export type Operation<Args extends object, Result> = (
  model: Model,
  args: Args,
  work: Work,
) => Promise<Result>;

/** All operations by name, loaded on demand. No operation imports this table. */
export const OPERATIONS = {
  compress: () => import('./compression/compress_bytes.js').then((m) => m.compressBytes),
  decompress: () => import('./compression/decompress_bytes.js').then((m) => m.decompressBytes),
  examine: () => import('./text/examine_here.js').then((m) => m.examineHere),
  generateUntil: () => import('./evaluation/requests/generate_until.js').then((m) => m.generateUntil),
  modelIdentity: () => import('./model_identity.js').then((m) => m.modelIdentity),
  attentionPatterns: () => import('./inside/attention_here.js').then((m) => m.attentionHere),
  inductionScores: () => import('./inside/induction_here.js').then((m) => m.inductionHere),
  logitAttribution: () => import('./inside/attribution_here.js').then((m) => m.attributionHere),
  patchingGrid: () => import('./inside/patching/patching_here.js').then((m) => m.patchingHere),
  probe: () => import('./inside/probing/probe_here.js').then((m) => m.probeHere),
  probeScores: () => import('./inside/probing/scores_here.js').then((m) => m.probeScoresHere),
  saliency: () => import('./inside/saliency/saliency_here.js').then((m) => m.saliencyHere),
  steeringVector: () => import('./inside/steering/steering_here.js').then((m) => m.steeringHere),
  logitLens: () => import('./inside/lens_here.js').then((m) => m.logitLensHere),
  encode: () => import('./encode.js').then((m) => m.encode),
  tokenBytes: () => import('./token_bytes.js').then((m) => m.tokenBytes),
  vocabulary: () => import('./vocabulary.js').then((m) => m.vocabulary),
  detectWatermark: () => import('./watermarks/read_watermark.js').then((m) => m.detectInModel),
};

export type OperationName = keyof typeof OPERATIONS;
type Loaded<K extends OperationName> = (typeof OPERATIONS)[K] extends () => Promise<infer O> ? O : never;
export type ArgsOf<K extends OperationName> = Loaded<K> extends Operation<infer A, unknown> ? A : never;
export type ResultOf<K extends OperationName> = Loaded<K> extends Operation<never, infer R> ? R : never;

/** The operation of that name: one of these, or a call of a head. */
export async function operationOf(name: string): Promise<Operation<object, unknown>> {
  if (!(name in HEAD_OPERATIONS))
    return (OPERATIONS as Record<string, () => Promise<Operation<object, unknown>>>)[name]!();
  const run = await headOperation(name as HeadOperation);
  return (model, args, work) => run(loadedModels.get(model)!, args as never, work);
}

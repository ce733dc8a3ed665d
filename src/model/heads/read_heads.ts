import { Gpt2Error } from '../../base/errors.js';
import type { Checkpoint } from '../../checkpoints/checkpoint.js';
import { readTensor } from '../../checkpoints/read_tensor.js';
import type { Core } from '../../core/types.js';
import type { JsonObject } from '../../files/json_object.js';
import { type StoredHead, storedHeads } from './stored_heads.js';
import { HEADS, type HeadName, type TaskHead, taskHeads } from './task_head.js';

/**
 * Reads the heads for other tasks that are stored beside a model. One that cannot be used is refused when it is asked
 * for: the language model is used without it. Throws the errors of the source, and `aborted`.
 */
export async function readHeads(
  core: Core,
  checkpoint: Pick<Checkpoint, 'source' | 'config' | 'json' | 'taskHeads'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const heads = new Map<HeadName, TaskHead | Gpt2Error>();
  for (const head of storedHeads(checkpoint)) {
    try {
      heads.set(head.name, await readHead(head, checkpoint, signal));
    } catch (error) {
      if (!(error instanceof Gpt2Error) || !['invalid-file', 'unsupported'].includes(error.code)) throw error;
      heads.set(head.name, error);
    }
  }
  taskHeads.set(core, heads);
}

async function readHead(
  { name, weight, bias, labels }: StoredHead,
  { source, config: { channels, vocabSize }, json }: Pick<Checkpoint, 'source' | 'config' | 'json'>,
  signal: AbortSignal | undefined,
): Promise<TaskHead> {
  const config: JsonObject = json.config ?? {};
  const count = labels.length;
  const by = `the head for ${HEADS[name]}`;
  const padTokenId = config.pad_token_id;
  return {
    weight: await readTensor(source, weight, [count, channels], by, signal),
    bias: bias === undefined ? new Float32Array(count) : await readTensor(source, bias, [count], by, signal),
    labels,
    problem: typeof config.problem_type === 'string' ? config.problem_type : undefined,
    padTokenId:
      Number.isInteger(padTokenId) && (padTokenId as number) < vocabSize ? (padTokenId as number) : undefined,
    summary: { type: config.summary_type ?? 'last', activation: config.summary_activation || undefined },
  };
}

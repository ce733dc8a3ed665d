import { Gpt2Error } from '../../base/errors.js';
import type { Checkpoint } from '../../checkpoints/checkpoint.js';
import { readTensor } from '../../checkpoints/read_tensor.js';
import type { StoredTensor } from '../../checkpoints/stored_tensor.js';
import type { Core } from '../../core/types.js';
import type { JsonObject } from '../../files/json_object.js';
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
  const byName = new Map(
    checkpoint.taskHeads!.map((tensor) => [tensor.name.replace(/^transformer\./, ''), tensor]),
  );
  const heads = new Map<HeadName, TaskHead | Gpt2Error>();
  for (const name of Object.keys(HEADS) as HeadName[]) {
    const weight = byName.get(`${name}.weight`);
    if (weight === undefined) continue;
    try {
      heads.set(name, await readHead(name, weight, byName.get(`${name}.bias`), checkpoint, signal));
    } catch (error) {
      if (!(error instanceof Gpt2Error) || !['invalid-file', 'unsupported'].includes(error.code)) throw error;
      heads.set(name, error);
    }
  }
  taskHeads.set(core, heads);
}

async function readHead(
  name: HeadName,
  weight: StoredTensor,
  bias: StoredTensor | undefined,
  { source, config: { channels, vocabSize }, json }: Pick<Checkpoint, 'source' | 'config' | 'json'>,
  signal: AbortSignal | undefined,
): Promise<TaskHead> {
  const config: JsonObject = json.config ?? {};
  const [rows = 0] = weight.shape;
  const isFixed = name !== 'score' && name !== 'classifier';
  const count = isFixed ? (name === 'qa_outputs' ? 2 : 1) : Math.max(1, rows);
  const by = `the head for ${HEADS[name]}`;
  const padTokenId = config.pad_token_id;
  return {
    weight: await readTensor(source, weight, [count, channels], by, signal),
    bias: bias === undefined ? new Float32Array(count) : await readTensor(source, bias, [count], by, signal),
    labels: labelsOf(config.id2label, count),
    problem: typeof config.problem_type === 'string' ? config.problem_type : undefined,
    padTokenId:
      Number.isInteger(padTokenId) && (padTokenId as number) < vocabSize ? (padTokenId as number) : undefined,
    summary: { type: config.summary_type ?? 'last', activation: config.summary_activation || undefined },
  };
}

/** `id2label` of config.json, an object with one name for each number; transformers' names for those it lacks. */
function labelsOf(id2label: unknown, count: number): string[] {
  const named = (typeof id2label === 'object' && id2label !== null ? id2label : {}) as JsonObject;
  return Array.from({ length: count }, (_, i) => {
    const label = Object.hasOwn(named, i) ? named[i] : undefined;
    return typeof label === 'string' || typeof label === 'number' ? String(label) : `LABEL_${i}`;
  });
}

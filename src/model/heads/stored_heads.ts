import type { Checkpoint } from '../../checkpoints/checkpoint.js';
import type { StoredTensor } from '../../checkpoints/stored_tensor.js';
import type { JsonObject } from '../../files/json_object.js';
import { HEADS, type HeadName } from './task_head.js';

/** A head for another task that is stored beside a model, before its numbers are read. */
export interface StoredHead {
  readonly name: HeadName;
  readonly weight: StoredTensor;
  readonly bias: StoredTensor | undefined;
  /** One name for each row of the head. */
  readonly labels: readonly string[];
}

/** The heads that are stored beside a model, with the labels of config.json. */
export function storedHeads({ taskHeads = [], json }: Pick<Checkpoint, 'json' | 'taskHeads'>): StoredHead[] {
  const byName = new Map(taskHeads.map((tensor) => [tensor.name.replace(/^transformer\./, ''), tensor]));
  return (Object.keys(HEADS) as HeadName[]).flatMap((name) => {
    const weight = byName.get(`${name}.weight`);
    if (weight === undefined) return [];
    const labels = labelsOf(json.config?.id2label, rowsOf(name, weight));
    return [{ name, weight, bias: byName.get(`${name}.bias`), labels }];
  });
}

/** The number of rows that a head has: only those for classification may have any. */
function rowsOf(name: HeadName, { shape: [rows = 0] }: StoredTensor): number {
  if (name === 'score' || name === 'classifier') return Math.max(1, rows);
  return name === 'qa_outputs' ? 2 : 1;
}

/** `id2label` of config.json, an object with one name for each number; transformers' names for those it lacks. */
function labelsOf(id2label: unknown, count: number): string[] {
  const named = (typeof id2label === 'object' && id2label !== null ? id2label : {}) as JsonObject;
  return Array.from({ length: count }, (_, i) => {
    const label = Object.hasOwn(named, i) ? named[i] : undefined;
    return typeof label === 'string' || typeof label === 'number' ? String(label) : `LABEL_${i}`;
  });
}

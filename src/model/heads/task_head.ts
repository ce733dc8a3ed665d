import { Gpt2Error } from '../../base/errors.js';
import type { Core, ModelCore } from '../../core/types.js';
import type { Linear } from '../prefixes/product.js';

/** Heads by the tensor that they are stored as, with the tasks that messages call them by. */
export const HEADS = {
  score: 'sequence classification',
  classifier: 'token classification',
  qa_outputs: 'question answering',
  'multiple_choice_head.summary': 'multiple choice',
  'v_head.summary': 'rewards',
} as const;

/** The name of a head in files. */
export type HeadName = keyof typeof HEADS;

/** A head for another task, with what config.json says about it. */
export interface TaskHead extends Linear {
  /** One name for each of its rows. */
  readonly labels: readonly string[];
  readonly problem: string | undefined;
  /** The token that fills texts up, which a head for sequence classification skips at their end. */
  readonly padTokenId: number | undefined;
  /** The states that a head for multiple choice reads, and the function after its matrix. */
  readonly summary: { readonly type: unknown; readonly activation: unknown };
}

/** Heads by name; the error of one that cannot be used, so that the language model can. */
export type TaskHeads = ReadonlyMap<HeadName, TaskHead | Gpt2Error>;

/** The heads of the models of this thread, by their cores. */
export const taskHeads = new WeakMap<Core, TaskHeads>();

const headsOf = (core: Core): TaskHeads | undefined =>
  taskHeads.get(core) ?? taskHeads.get((core as ModelCore).adapterHost);

/** The names of the heads that a core has. */
export const headNamesOf = (core: Core): HeadName[] => [...(headsOf(core)?.keys() ?? [])];

/** The first of some heads that a model has. Throws `unsupported`, also if it is of a kind that is not computed. */
export function headOf<N extends HeadName>(
  core: Core,
  ...names: N[]
): { readonly name: N; readonly head: TaskHead } {
  const heads = headsOf(core);
  for (const name of names) {
    const head = heads?.get(name);
    if (head instanceof Gpt2Error) throw new Gpt2Error(head.code, head.message);
    if (head !== undefined) return { name, head };
  }
  const others = [...(heads?.keys() ?? [])].map((name) => HEADS[name]).join(' and ');
  const wanted = names.map((name) => `${name}.weight`).join(' or ');
  throw new Gpt2Error(
    'unsupported',
    `the model has no head for ${HEADS[names[0]!]} (${wanted})${others ? `, but one for ${others}` : ': it is a language model alone'}`,
  );
}

import { checkEdits, type Edit } from '../core/hooks/edit.js';
import { TraceHooks } from '../core/hooks/hooks.js';
import type { TextLength } from '../core/hooks/positions.js';
import { Tracer } from '../core/hooks/tracer.js';
import type { SequenceMemory } from '../core/kv/paged_sequence.js';
import type { Core, Evaluation, ModelCore } from '../core/types.js';
import type { Placement } from './sequence.js';

/** Changes a model while it evaluates sequences, whose tokens may follow vectors. */
class EditedPlacement implements Placement {
  readonly vectors: number;
  readonly contextLength: number;
  readonly memory: SequenceMemory | undefined;
  readonly #placed: Placement | undefined;
  readonly #hooks: TraceHooks;

  constructor(core: Core, placed: Placement | undefined, hooks: TraceHooks) {
    this.vectors = placed?.vectors ?? 0;
    this.contextLength = placed?.contextLength ?? core.config.contextLength;
    this.memory = placed?.memory;
    this.#placed = placed;
    this.#hooks = hooks;
  }

  place(evaluation: Evaluation): Evaluation {
    const inner = this.#placed?.place(evaluation) ?? evaluation;
    return { ...inner, inputs: { ...inner.inputs, hooks: this.#hooks } };
  }
}

/**
 * The placement of tokens after vectors, if there are any, with changes whose positions count vectors and tokens.
 * `tokens`: those of the text that is given. Throws `invalid-option`, `out-of-memory` and as loading a binary does.
 */
export async function withEdits(
  core: Core,
  placed: Placement | undefined,
  edit: readonly Edit[],
  { tokens, grows }: TextLength,
): Promise<Placement> {
  const length = { tokens: tokens + (placed?.vectors ?? 0), grows };
  const edits = checkEdits(edit, core.config, length);
  // Only cores of loaded models are edited.
  const tracer = await Tracer.of((core as ModelCore).adapterHost);
  return new EditedPlacement(core, placed, new TraceHooks(tracer, edits));
}

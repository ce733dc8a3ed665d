import { Gpt2Error } from '../../base/errors.js';
import type { Loaded } from '../model/model_loader.js';
import type { ModelRequest } from '../model/model_request.js';
import { type Action, type Problem, placeOf, TRY_AGAIN } from './problem.js';

const EMBEDDED_LABEL = 'Use the model of the package';

export interface LoadFailureEvents {
  /** The current model. */
  loaded(): Loaded | undefined;
  load(request: ModelRequest): void;
  loadEmbedded(): void;
  /** Frees the memory of the current model. */
  unload(): void;
  onSay(message: string): void;
}

/** Says that a model could not be loaded, or that it failed, and offers what can be done. */
export class LoadFailures {
  readonly #problem: Problem;
  readonly #events: LoadFailureEvents;

  constructor(problem: Problem, events: LoadFailureEvents) {
    this.#problem = problem;
    this.#events = events;
  }

  /** Reports that loading failed or was cancelled. */
  show(error: unknown, request: ModelRequest): void {
    const { loaded, load, loadEmbedded, unload, onSay } = this.#events;
    const current = loaded();
    const code = error instanceof Gpt2Error ? error.code : undefined;
    const stays = current
      ? `${current.request.name} stays loaded.`
      : 'Choose a model under \u201CAnother model\u201D.';
    if (code === 'aborted') {
      onSay(`Loading was cancelled. ${stays}`);
      return;
    }
    const actions: Action[] = [];
    if (code === 'network' || current === undefined) {
      actions.push({ label: TRY_AGAIN, act: () => load(request) });
    }
    if (code === 'out-of-memory' && current !== undefined) {
      const makeRoom = () => {
        unload();
        load(request);
      };
      actions.push({ label: `Unload ${current.request.name} and try again`, act: makeRoom });
    }
    if (current === undefined) actions.push({ label: EMBEDDED_LABEL, act: loadEmbedded });
    this.#problem.show(error, placeOf(request), actions);
    onSay(stays);
  }

  /** Reports that the model failed while it generated. Its worker may be dead. */
  showRuntime(error: unknown): void {
    const { loaded, load, unload } = this.#events;
    const current = loaded();
    const again = () => {
      unload();
      load(current!.request);
    };
    this.#problem.show(error, 'writing', current ? [{ label: 'Load the model again', act: again }] : []);
  }
}

import type { WorkerModel } from '../../worker/worker_model.js';

export interface NamedModel {
  readonly name: string;
  readonly model: WorkerModel;
}

/** The page, as a view sees it that is loaded on demand. */
export interface ViewEvents {
  /** The current model. */
  model(): NamedModel | undefined;
  /** The text of the view Write. */
  writtenText(): string;
  /** A notice about an earlier failure is out of date. */
  onClear(): void;
  onError(error: unknown): void;
}

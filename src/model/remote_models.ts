/** Signal and progress of long work. */
export interface Work {
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with how much is done; both numbers have the same unit. */
  readonly onProgress?: ((progress: WorkProgress) => void) | undefined;
}

/** How much of the work is done. */
export interface WorkProgress {
  /** From 0 to `total`. */
  readonly done: number;
  /** All of the work; the function that is called says in which unit. */
  readonly total: number;
}

/** Runs an operation of `examine/operations.ts` where the model is. Arguments and result are plain data. */
export type RemoteOperation = (name: string, args: object, work: Work) => Promise<unknown>;

/** Models that run in a worker. */
export const remoteModels = new WeakMap<object, RemoteOperation>();

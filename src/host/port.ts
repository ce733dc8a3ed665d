/** Objects that are moved, and not copied, to the other end of a port. */
export type Transfer = (ArrayBuffer | MessagePort)[];

/** One end of the connection between a worker and its owner. */
export interface Port<Out, In> {
  send(message: Out, transfer?: Transfer): void;
  /** Replaces an earlier listener. `onFailure` gets the reason why the worker no longer works. */
  listen(onMessage: (message: In) => void, onFailure?: (reason: string) => void): void;
  /** Ends the worker, also in the middle of its work. */
  stop(): void;
}

/** The owner's end of a port. */
export interface WorkerPort<Out, In> extends Port<Out, In> {
  /** Whether the process stays alive for the worker. */
  keepAlive(alive: boolean): void;
}

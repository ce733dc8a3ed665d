/** Objects that move to the other end of a port. */
export type Transfer = (ArrayBuffer | MessagePort)[];

/** One end of the connection between a worker and its owner. */
export interface Port<Out, In> {
  send(message: Out, transfer?: Transfer): void;
  /** Replaces an earlier listener. `onFailure` is told why the worker can do no more. */
  listen(onMessage: (message: In) => void, onFailure?: (reason: string) => void): void;
  /** Ends the worker at once, whatever it does. */
  stop(): void;
}

/** The owner's end. */
export interface WorkerPort<Out, In> extends Port<Out, In> {
  /** Whether the process stays alive for the worker. */
  keepAlive(alive: boolean): void;
}

/**
 * A thread's message: `ready` when it waits for jobs; `done`, only from thread 0, when all have finished a
 * job.
 */
export type ThreadMessage = 'ready' | 'done';

/** A worker as the thread pool sees it. */
export interface Thread {
  /** Whether the process stays alive for it. */
  keepAlive(alive: boolean): void;
  terminate(): void;
}

export interface ThreadEvents {
  onMessage(message: ThreadMessage): void;
  /** Called when the worker has ended, with the reason. */
  onEnd(cause: unknown): void;
}

/** Starts threads. `start` is the first message to a thread. */
export interface ThreadPlatform {
  /** Processors that this process may use. */
  processors(): number;
  /** Whether each worker must be ready before the next one is created. */
  readonly oneByOne: boolean;
  startThread(start: object, events: ThreadEvents): Thread;
}

/** A worker's request that its owner creates a thread. */
export interface ThreadRequest {
  readonly start: object;
  /** Receives the thread's `ThreadMessage`s. */
  readonly messages: MessagePort;
  /**
   * The other end sends a string, the reason, if the thread has ended. Any message to the other end ends the
   * thread.
   */
  readonly control: MessagePort;
}

/** Sends a request to the owner. `transfer` holds the ports of the request. */
export type AskForThread = (request: ThreadRequest, transfer: MessagePort[]) => void;

/** Creates threads for the models of a worker. */
export interface ThreadLender {
  lend(request: ThreadRequest): void;
  /** Ends all of them. */
  end(): void;
}

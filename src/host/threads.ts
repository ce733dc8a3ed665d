/** The message of a thread: it waits for jobs, or, from the first thread, a job is done by all. */
export type ThreadMessage = 'ready' | 'done';

/** A worker as the thread pool sees it. */
export interface Thread {
  /** Whether the process stays alive for it. */
  keepAlive(alive: boolean): void;
  terminate(): void;
}

export interface ThreadEvents {
  onMessage(message: ThreadMessage): void;
  /** The worker has ended, for whatever reason. */
  onEnd(cause: unknown): void;
}

/** Starts threads; `start` is the message that a thread gets first. */
export interface ThreadPlatform {
  /** Processors that this process may use. */
  processors(): number;
  /** Whether a worker is created only once the one before it is ready. */
  readonly oneByOne: boolean;
  startThread(start: object, events: ThreadEvents): Thread;
}

/** A worker's wish for a thread, which its owner creates. */
export interface ThreadRequest {
  readonly start: object;
  /** Receives the thread's `ThreadMessage`s. */
  readonly messages: MessagePort;
  /** Receives the reason why the thread has ended, a string; any message from it ends the thread. */
  readonly control: MessagePort;
}

/** Sends a request to the owner; the ports of the request are transferred. */
export type AskForThread = (request: ThreadRequest, transfer: MessagePort[]) => void;

/** Creates the threads that the models of a worker ask for. */
export interface ThreadLender {
  lend(request: ThreadRequest): void;
  /** Ends all of them. */
  end(): void;
}

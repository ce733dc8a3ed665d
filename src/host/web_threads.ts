import type { AskForThread, Thread, ThreadEvents, ThreadPlatform } from './threads.js';

/** Module workers; pages have them, edge runtimes do not. */
export const webThreads: ThreadPlatform | undefined =
  typeof Worker === 'function'
    ? {
        processors: () => navigator.hardwareConcurrency,
        // In Firefox a worker blocks for ever if it creates a worker while another one of its workers is
        // starting.
        oneByOne: typeof document === 'undefined',
        startThread: (start, events) =>
          ask === undefined ? startThread(start, events) : borrowThread(ask, start, events),
      }
    : undefined;

let ask: AskForThread | undefined;

/**
 * Lets the owner of this worker create the threads of its models. In Firefox a worker that creates threads
 * sometimes blocks for ever, even if it creates them one after the other; a page does not.
 */
export function borrowThreads(from: AskForThread): void {
  ask = from;
}

/** Starts the worker of a thread, whose messages go to `messages` if that is given. */
export function newThread(start: object, onEnd: ThreadEvents['onEnd'], messages?: MessagePort): Worker {
  // The built script lies beside all built modules, and bundlers recognise this expression.
  const worker = new Worker(new URL('./browser_thread.js', import.meta.url), { type: 'module' });
  worker.onerror = (event) => {
    event.preventDefault();
    onEnd(new Error(event.message || 'its script did not load'));
  };
  worker.onmessageerror = () => onEnd(new Error('it sent a message that cannot be read'));
  worker.postMessage({ start, messages }, messages === undefined ? [] : [messages]);
  return worker;
}

function startThread(start: object, events: ThreadEvents): Thread {
  const worker = newThread(start, events.onEnd);
  worker.onmessage = ({ data }) => events.onMessage(data);
  return thread(() => worker.terminate());
}

function borrowThread(from: AskForThread, start: object, events: ThreadEvents): Thread {
  const messages = new MessageChannel();
  const control = new MessageChannel();
  messages.port1.onmessage = ({ data }) => events.onMessage(data);
  messages.port1.onmessageerror = () => events.onEnd(new Error('it sent a message that cannot be read'));
  control.port1.onmessage = ({ data }) => events.onEnd(new Error(data));
  messages.port1.postMessage('begin');
  const transfer = [messages.port2, control.port2];
  from({ start, messages: messages.port2, control: control.port2 }, transfer);
  return thread(() => control.port1.postMessage('end'));
}

/** A page does not end with its workers, so that `keepAlive` does nothing. */
function thread(terminate: () => void): Thread {
  return { keepAlive() {}, terminate };
}

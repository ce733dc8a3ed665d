import type { CallMessage } from '../../src/worker/protocol.js';
import { serveModel } from '../../src/worker/server.js';

interface FakeWorker {
  readonly worker: Worker;
  /** The calls that it received. */
  readonly calls: CallMessage[];
  stopped(): boolean;
}

/**
 * Makes workers that are served in this thread, and closes them at the end of `suite`, because several
 * suites may share a process.
 */
export function fakeWorkers(suite: { after(close: () => void): void }): () => FakeWorker {
  const ports: MessagePort[] = [];
  suite.after(() => {
    for (const port of ports) port.close();
  });
  return () => fakeWorker(ports);
}

function fakeWorker(ports: MessagePort[]): FakeWorker {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1);
  const calls: CallMessage[] = [];
  let over = false;
  serveModel({
    send: (message, transfer = []) => port2.postMessage(message, transfer),
    listen(onMessage) {
      port2.onmessage = ({ data }) => {
        calls.push(data);
        onMessage(data);
      };
    },
    stop: () => port2.close(),
  });
  const terminate = () => {
    over = true;
    port1.close();
  };
  return { worker: Object.assign(port1, { terminate }) as unknown as Worker, calls, stopped: () => over };
}

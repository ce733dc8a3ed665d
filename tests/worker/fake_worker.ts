import type { CallMessage } from '../../src/worker/protocol.js';
import { serveModel } from '../../src/worker/server.js';

const ports: MessagePort[] = [];

export function closeWorkers(): void {
  for (const port of ports.splice(0)) port.close();
}

/** A worker that is served in this thread, and the calls that it got. */
export function fakeWorker(): { worker: Worker; calls: CallMessage[]; stopped: () => boolean } {
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

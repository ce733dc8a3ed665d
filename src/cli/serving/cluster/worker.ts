import cluster from 'node:cluster';
import type { Family } from '../../../server/metrics/exposition.js';
import { type ServerValues, serveModels } from '../serve_models.js';
import { Calls } from './calls.js';
import type { ToPrimary, ToWorker, WorkerCount } from './messages.js';

/** The primary itself waits less long for the others. */
const PRIMARY_MS = 5000;

/** Serves as one of several processes until the primary says that it is over. */
export async function serveAsWorker(values: ServerValues): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  // Terminals and service managers signal all processes of a group: the primary alone decides what a second signal means.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const calls = new Calls<readonly Family[]>();
  let count: WorkerCount = { ready: 0, total: 0 };
  let ownMetrics = (): Family[] => [];
  const send = (message: ToPrimary) => process.send!(message);
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') stop();
    else if (message.kind === 'count') count = message.count;
    else if (message.kind === 'allMetrics') calls.answer(message.call, message.families);
    else send({ kind: 'metrics', call: message.call, families: ownMetrics() });
  });
  const group = {
    metrics: (own: readonly Family[]) =>
      calls.make((call) => send({ kind: 'metricsWanted', call }), PRIMARY_MS, own),
    health: () => ({ workers: count }),
  };
  const onListening = (url: string, metrics: () => Family[]) => {
    ownMetrics = metrics;
    send({ kind: 'listening', url });
  };
  try {
    await serveModels(values, stopping.signal, onListening, group);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    cluster.worker!.disconnect();
  }
}

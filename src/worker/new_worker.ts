import { invalidOption } from '../base/check_options.js';
import { aborted, Gpt2Error, throwIfAborted } from '../base/errors.js';
import { startModelWorker, workerPort } from '../host/workers/platform.js';
import { Connection } from './connection.js';

const LOADING = 'loading the model';

/**
 * Loads a model in a worker: a new one, or `worker`. The worker ends if loading fails or the signal fires. Throws
 * `aborted`, `invalid-option`, `runtime`, and what `load` throws.
 */
export async function inNewWorker<R>(
  worker: Worker | undefined,
  signal: AbortSignal | undefined,
  load: (connection: Connection) => Promise<R>,
): Promise<R> {
  throwIfAborted(signal, LOADING);
  if (worker !== undefined && typeof worker?.postMessage !== 'function') {
    throw invalidOption('worker', worker, 'a Worker whose script imports gpt2-wasm/model-worker');
  }
  const connection = new Connection(worker === undefined ? startModelWorker() : workerPort(worker));
  const abort = () => connection.stop(aborted(signal, LOADING));
  signal?.addEventListener('abort', abort);
  try {
    return await load(connection);
  } catch (error) {
    connection.stop(new Gpt2Error('disposed', 'the model was not loaded'));
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

import { once } from 'node:events';
import { CannotStart, Workers, type WorkersOptions } from './workers.js';

/**
 * Runs worker processes at one port until the signal fires. `onListening` gets the address when all take requests.
 * Resolves to the exit code if one of them cannot start, which has said why.
 */
export async function runWorkers(
  options: Omit<WorkersOptions, 'onFailure'>,
  signal: AbortSignal,
  onListening: (url: string) => unknown,
): Promise<number | undefined> {
  let fail: (error: unknown) => void;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const stop = signal.aborted ? Promise.resolve() : once(signal, 'abort');
  const workers = new Workers({ ...options, onFailure: (error) => fail(error) });
  const serving = async () => {
    await onListening(await workers.start());
    await stop;
  };
  try {
    await Promise.race([serving(), stop, failure]);
  } catch (error) {
    if (error instanceof CannotStart) return error.exitCode;
    throw error;
  } finally {
    await workers.stop();
  }
  return undefined;
}

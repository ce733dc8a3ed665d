import { once } from 'node:events';
import type { Group } from '../../server/create_handler.js';
import { type AccessEntry, DEFAULT_LIMITS, type Handler, type Limits } from '../../server/handler_options.js';
import type { Family } from '../../server/metrics/exposition.js';
import { note } from '../terminal/output.js';
import { type ServedValues, servedModels } from './served_models.js';
import { servedUsers } from './served_users.js';

/** How long answers in progress may take when the server is to stop. */
export const GRACE_MS = 10_000;

/** Values of the flags of a server. */
export interface ServerValues extends ServedValues {
  readonly port: number;
  readonly host: string;
  readonly apiKey?: string | undefined;
  readonly origin?: readonly string[];
  readonly hosts?: readonly string[] | undefined;
  readonly limit?: Partial<Limits>;
  readonly logRequests?: true;
  readonly users?: string;
}

/**
 * Serves the models that the flags name until the signal fires, and answers in progress a little longer. `onListening`
 * gets the address, and a function that tells the metrics of this process.
 */
export async function serveModels(
  { port, host, apiKey, origin, hosts, limit, logRequests, users: folder, ...values }: ServerValues,
  signal: AbortSignal,
  onListening: (url: string, metrics: () => Family[]) => unknown,
  group?: Group,
): Promise<void> {
  let handler: Handler | undefined;
  try {
    // Loaded here, since no other command needs them.
    const { checkPort, serveHttp } = await import('./http_server.js');
    if (group === undefined) await checkPort(host, port);
    const users = folder === undefined ? undefined : await servedUsers(folder);
    const models = await servedModels(values, signal);
    const onAnswer = (entry: AccessEntry) => {
      if (!values.quiet)
        note(JSON.stringify({ time: new Date().toISOString(), ...entry, ms: Math.round(entry.ms) }));
    };
    const onError = (error: unknown) =>
      note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const { createMember } = await import('../../server/create_handler.js');
    const limits = { ...DEFAULT_LIMITS, ...limit };
    const options = {
      ...models,
      users,
      apiKey,
      origins: origin,
      hosts,
      limits,
      logRequests,
      onAnswer,
      onError,
    };
    const member = createMember(options, group);
    handler = member.handler;
    await handler.load();
    const server = await serveHttp(handler, host, port, limits.requestMs);
    await onListening(server.url, member.metrics);
    if (!signal.aborted) await once(signal, 'abort');
    await server.close(GRACE_MS);
  } finally {
    await handler?.close();
  }
}

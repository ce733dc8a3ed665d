import { unixTime } from '../../base/timers.js';

/** Whether a server may answer otherwise a moment later. */
export function isBusy({ status }: Response): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds to wait by a Retry-After header: seconds, or a date. */
export function askedWait({ headers }: Response): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? 1000 * Number(header) : Date.parse(header) - unixTime();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Why `fetch` or a body failed. */
export function reasonOf(error: unknown): string | undefined {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
}

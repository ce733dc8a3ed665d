import { unixTime } from '../../base/timers.js';

/** Ends a response whose body is not wanted; a body that has broken already has ended. */
export async function discard(response: Response | undefined): Promise<void> {
  await response?.body?.cancel().catch(() => {});
}

/** Whether the server may answer otherwise a moment later. */
export function isBusy({ status }: Response): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds to wait by the header Retry-After, which has seconds or a date. */
export function retryAfter({ headers }: Response): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? 1000 * Number(header) : Date.parse(header) - unixTime();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Position in the file of the body's first byte; `requested` if a part does not say where it begins. */
export function firstByte({ status, headers }: Response, requested: number): number {
  if (status !== 206) return 0;
  const [, start] = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '') ?? [];
  return start === undefined ? requested : Number(start);
}

/** Bytes of the body; `undefined` if the headers do not tell, as of a compressed one. */
export function bodyLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  if (length === null || !/^\d+$/.test(length) || headers.has('content-encoding')) return undefined;
  return Number(length);
}

/** Changes with the file: its ETag or date; `''` if the server tells neither. */
export function versionOf({ headers }: Response): string {
  return headers.get('etag') ?? headers.get('last-modified') ?? '';
}

/** Some servers answer with a web page instead of a missing file. */
export function isPage({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') ?? false;
}

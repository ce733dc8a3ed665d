import timers from 'node:timers';

/** Milliseconds between attempts. */
const WAITS: readonly unknown[] = [250, 500, 1000, 2000, 4000];
const SILENCE_MS = 30_000;
/** Replaces `SILENCE_MS`; requests that are answered need less. */
const NOTICE_MS = 300;
let silence: (() => boolean) | undefined;
const { setTimeout: startReal } = globalThis;

/** Replaces the runtime's `setTimeout` before the package is loaded, which keeps the one that it finds. */
const patched = (call: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): NodeJS.Timeout => {
  if (silence === undefined) return startReal(call, ms, ...args);
  if (ms !== SILENCE_MS) return startReal(call, WAITS.includes(ms) ? 1 : ms, ...args);
  const timer = startReal(function again() {
    if (silence?.()) call();
    else timer.refresh();
  }, NOTICE_MS);
  return timer;
};
globalThis.setTimeout = patched as typeof setTimeout;
timers.setTimeout = patched as typeof setTimeout;

/** Runs `use` without waits between attempts; the wait for a silent server ends as soon as it `isSilent`. */
export async function withSilence(isSilent: () => boolean, use: () => Promise<unknown>): Promise<void> {
  silence = isSilent;
  try {
    await use();
  } finally {
    silence = undefined;
  }
}

// The timers and clocks of the runtime, looked up once, when the package is loaded. Test runners replace the
// globals by fake ones during a test, and a call that waits for a fake timer would never end.

/** The globals that can schedule a task of the event loop. */
export interface TaskGlobals {
  readonly setImmediate?: ((act: () => void) => unknown) | undefined;
  readonly MessageChannel?: typeof globalThis.MessageChannel | undefined;
  readonly setTimeout: (act: () => void, ms: number) => unknown;
}

interface Globals extends TaskGlobals {
  readonly clearTimeout: (timer: never) => void;
  readonly process?: { getBuiltinModule?(name: string): Globals | undefined };
}

const globals = globalThis as unknown as Globals;

/** In Node these are the real timers even if the globals were replaced before the package was loaded. */
const { setTimeout, clearTimeout, setImmediate } = globals.process?.getBuiltinModule?.('timers') ?? globals;

export const taskGlobals: TaskGlobals = { setTimeout, setImmediate, MessageChannel: globals.MessageChannel };

export const startTimer: (act: () => void, ms: number) => unknown = setTimeout;

export const stopTimer = clearTimeout as (timer: unknown) => void;

/** Milliseconds of a monotonic clock. */
export const now: () => number = performance.now.bind(performance);

/** Milliseconds since 1970, by the clock of this machine. */
export const unixTime: () => number = Date.now;

/** What ends work early: an AbortSignal, or several as one. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Aborted as soon as one of the signals is. Listens to nothing by itself, so that no signal keeps it alive. */
export function anySignal(...signals: readonly (Cancellation | undefined)[]): Cancellation {
  const given = signals.filter((signal) => signal !== undefined);
  return {
    get aborted() {
      return given.some((signal) => signal.aborted);
    },
    addEventListener: (type, listener) => {
      for (const signal of given) signal.addEventListener(type, listener);
    },
    removeEventListener: (type, listener) => {
      for (const signal of given) signal.removeEventListener(type, listener);
    },
  };
}

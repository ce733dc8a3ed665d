/** Several signals as one. */
class SignalGroup {
  readonly signals: readonly AbortSignal[];

  constructor(signals: readonly AbortSignal[]) {
    this.signals = signals;
  }

  get aborted(): boolean {
    return this.signals.some((signal) => signal.aborted);
  }

  get reason(): unknown {
    return this.signals.find((signal) => signal.aborted)?.reason;
  }
}

/** Cancels work: one signal or several. */
export type Cancellation = AbortSignal | SignalGroup;

const signalsOf = (cancellation: Cancellation | undefined): readonly AbortSignal[] => {
  if (cancellation === undefined) return [];
  return cancellation instanceof SignalGroup ? cancellation.signals : [cancellation];
};

/** Aborted as soon as one of the signals is. It adds no listeners, so that no signal keeps it alive. */
export function anySignal(...cancellations: readonly (Cancellation | undefined)[]): Cancellation {
  return new SignalGroup(cancellations.flatMap(signalsOf));
}

/** All callbacks of a signal share one listener, since Node warns of a leak if a signal has more than ten. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `listener` when a signal fires. The function that is returned removes the listener. */
export function onAbort(cancellation: Cancellation | undefined, listener: () => void): () => void {
  const signals = signalsOf(cancellation);
  for (const signal of signals) {
    let listeners = waiting.get(signal);
    if (listeners === undefined) {
      listeners = new Set();
      waiting.set(signal, listeners);
    }
    if (listeners.size === 0) signal.addEventListener('abort', callAll);
    listeners.add(listener);
  }
  return () => {
    for (const signal of signals) {
      const listeners = waiting.get(signal)!;
      if (listeners.delete(listener) && listeners.size === 0) signal.removeEventListener('abort', callAll);
    }
  };
}

function callAll(this: AbortSignal): void {
  for (const listener of [...waiting.get(this)!]) listener();
}

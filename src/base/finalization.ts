interface Callback {
  readonly call: () => void;
}

/** Undefined in runtimes without finalization, where only `dispose` gives memory back. */
const registry =
  typeof FinalizationRegistry === 'function'
    ? new FinalizationRegistry<Callback>(({ call }) => call())
    : undefined;

/** Calls `callback` some time after `object` was garbage-collected. `callback` must not refer to `object`. */
export function onCollected(object: object, callback: () => void): void {
  registry?.register(object, { call: callback }, object);
}

/** Cancels `onCollected`. */
export function cancelOnCollected(object: object): void {
  registry?.unregister(object);
}

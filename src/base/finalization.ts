interface Held {
  readonly act: () => void;
}

/** Some runtimes have no such registry; memory then comes back by `dispose` alone. */
const registry =
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry<Held>(({ act }) => act()) : undefined;

/** Calls `act` some time after `object` has become garbage; `act` must not refer to it. */
export function whenForgotten(object: object, act: () => void): void {
  registry?.register(object, { act }, object);
}

/** Takes `whenForgotten` back. */
export function notForgotten(object: object): void {
  registry?.unregister(object);
}

/** Numbers of a part at one time; those that do not apply to it are missing. */
export type Reading = Readonly<Partial<Record<MetricName, number>>>;

/** A measured number. `share` and `least`: growth that is no leak, as a share of the number, and at least this. */
export interface Metric {
  readonly title: string;
  readonly isBytes: boolean;
  readonly share: number;
  readonly least: number;
}

const MEBIBYTE = 2 ** 20;

const bytes = (title: string, mebibytes: number, share = 0.03): Metric => ({
  ...{ title, isBytes: true, share, least: mebibytes * MEBIBYTE },
});
const count = (title: string, least = 2): Metric => ({ title, isBytes: false, share: 0.02, least });

export const METRICS = {
  heap: bytes('JavaScript heap', 1),
  threadHeap: bytes("workers' JavaScript heaps", 1),
  external: bytes('buffers', 1),
  threadExternal: bytes("workers' buffers", 1),
  // Pages of keys and values, and places of adapters, fill slowly.
  wasm: bytes('WebAssembly memory', 1, 0),
  // The allocators of the runtime give memory back late.
  resident: bytes('resident memory', 8, 0.05),
  stored: bytes('stored by the browser', 1),
  handles: count('open files and sockets'),
  threads: count('threads'),
  workers: count('workers', 0.5),
  resources: count('timers, sockets and the like', 3),
  nodes: count('DOM nodes', 50),
  listeners: count('event listeners', 20),
  documents: count('documents'),
  databases: count('databases and caches', 0.5),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

// Preloaded into a process (`--import`) that is measured: answers the message 'read' with what its threads use after their
// garbage is collected. Needs `--expose-gc`.

import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

const { BroadcastChannel, isMainThread, Worker } = workerThreads;
const CHANNEL = 'soak-probe';
const LATE_MS = 60_000;

const memories = new Set();
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, [description]) {
    const memory = new Memory(description);
    memories.add(new WeakRef(memory));
    return memory;
  },
});

// The package starts its threads without the flags of the process.
const running = new Set();
workerThreads.Worker = class extends Worker {
  constructor(script, options = {}) {
    super(script, { ...options, execArgv: [...(options.execArgv ?? []), '--import', import.meta.url] });
    running.add(this);
    this.on('exit', () => running.delete(this));
  }
};
syncBuiltinESMExports();

/** Collects garbage, and lets finalizers run. */
async function collect() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function ownUse() {
  await collect();
  const { heapUsed, external } = process.memoryUsage();
  let wasm = 0;
  for (const reference of memories) {
    const memory = reference.deref();
    if (memory === undefined) memories.delete(reference);
    else wasm += memory.buffer.byteLength;
  }
  return { heap: heapUsed, external, wasm, threads: running.size };
}

const channel = new BroadcastChannel(CHANNEL);
channel.unref();
if (isMainThread) {
  process.on('message', (message) => {
    if (message === 'read') read().then((use) => process.send(use));
  });
  process.channel?.unref();
} else {
  channel.onmessage = async ({ data }) => {
    if (data.ask !== undefined) channel.postMessage({ answer: data.ask, use: await ownUse() });
  };
}

let asked = 0;

/** The use of this process; that of all other threads is added up. */
export async function read() {
  const ask = ++asked;
  const own = await ownUse();
  const others = [];
  const isWhole = () => others.length === [own, ...others].reduce((sum, { threads }) => sum + threads, 0);
  const deadline = performance.now() + LATE_MS;
  channel.onmessage = ({ data }) => {
    if (data.answer === ask) others.push(data.use);
  };
  channel.postMessage({ ask });
  while (!isWhole()) {
    if (performance.now() > deadline) throw new Error('a thread does not say what it uses');
    await new Promise((resolve) => setTimeout(resolve, 10));
    own.threads = running.size;
  }
  const { heap, external, wasm, threads } = own;
  const sum = (name) => others.reduce((total, use) => total + use[name], 0);
  return {
    ...{ heap, external, wasm: wasm + sum('wasm'), threadHeap: sum('heap'), threadExternal: sum('external') },
    ...{ workers: threads, resources: process.getActiveResourcesInfo().length },
  };
}

import { readdirSync, readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/**
 * Watches the memory of a worker in miniflare: through the inspector the largest sum of its JavaScript heap,
 * with uncollected garbage, and the buffers outside it; from the system the memory of all of workerd, which
 * also runs R2 and its own services.
 */
export class IsolateMemory {
  #socket;
  #answers = new Map();
  #calls = 0;
  #watching;
  #over = false;
  /** Bytes of heap and buffers when their sum was largest. */
  heap = 0;
  buffers = 0;

  static async watch(inspectorUrl) {
    const targets = await (await fetch(`http://${inspectorUrl.host}/json/list`)).json();
    const { webSocketDebuggerUrl } = targets.find(({ id }) => id.startsWith('core:user'));
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    return new IsolateMemory(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(data);
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
    this.#watching = this.#watch();
  }

  async #watch() {
    while (!this.#over) {
      const { totalSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await this.#usage();
      const heap = totalSize + embedderHeapUsedSize;
      if (heap + backingStorageSize <= this.heap + this.buffers) continue;
      this.heap = heap;
      this.buffers = backingStorageSize;
    }
  }

  #usage() {
    const id = ++this.#calls;
    this.#socket.send(JSON.stringify({ id, method: 'Runtime.getHeapUsage' }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  async stop() {
    this.#over = true;
    await this.#watching;
    this.#socket.close();
  }
}

/** Current or peak bytes of memory of workerd, a child of this process (Linux; 0 elsewhere). */
export function workerdMemory(field = 'VmRSS') {
  if (process.platform !== 'linux') return 0;
  let bytes = 0;
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let status;
    try {
      status = readFileSync(`/proc/${id}/status`, 'utf8');
    } catch {
      continue; // It has ended.
    }
    const isOurs =
      /^Name:\tworkerd$/m.test(status) && new RegExp(`^PPid:\t${process.pid}$`, 'm').test(status);
    if (isOurs) bytes += 1024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  }
  return bytes;
}

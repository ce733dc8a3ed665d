/** Buffers of JavaScript from this size on may fail; small ones hardly do. */
const LARGE = 2048;

/** Kinds of requests for memory, and how many of each a call made. */
export interface Requests {
  readonly grown: number;
  readonly buffers: number;
}

let grown = 0;
let buffers = 0;
let failing: Partial<Requests> = {};
let counts = false;

/**
 * Runs `work`, in which the n-th growth of WebAssembly's memory, or the n-th large buffer of JavaScript, fails as it does
 * if there is no memory. Import this module before the code, which may keep constructors.
 */
export async function withFailingMemory(
  work: () => unknown,
  fail: Partial<Requests> = {},
): Promise<Requests> {
  grown = 0;
  buffers = 0;
  failing = fail;
  counts = true;
  try {
    await work();
  } finally {
    counts = false;
  }
  return { grown, buffers };
}

const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (this: WebAssembly.Memory, pages) {
  if (counts && grown++ === failing.grown)
    throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
  return grow.call(this, pages);
};

const { Memory } = WebAssembly;
WebAssembly.Memory = new Proxy(Memory, {
  construct(target, args) {
    if (counts && grown++ === failing.grown)
      throw new RangeError('WebAssembly.Memory(): could not allocate memory');
    return Reflect.construct(target, args);
  },
});

function request(bytes: number): void {
  if (!counts || !(bytes >= LARGE)) return;
  if (buffers++ === failing.buffers) throw new RangeError('Array buffer allocation failed');
}

const NAMES = [
  ...['ArrayBuffer', 'Uint8Array', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array'],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Uint8ClampedArray'],
] as const;

for (const name of NAMES) {
  // biome-ignore lint/suspicious/noExplicitAny: constructors of several kinds of arrays
  const own = globalThis[name] as any;
  const size = own.BYTES_PER_ELEMENT ?? 1;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  (globalThis as any)[name] = new Proxy(own, {
    construct(target, args, newTarget) {
      const [first] = args;
      // A view of a buffer takes nothing.
      const length =
        typeof first === 'number' ? first : first instanceof ArrayBuffer ? 0 : (first?.length ?? 0);
      request(size * length);
      return Reflect.construct(target, args, newTarget === proxyOf(name) ? target : newTarget);
    },
  });
}

function proxyOf(name: (typeof NAMES)[number]): unknown {
  return globalThis[name];
}

// biome-ignore lint/suspicious/noExplicitAny: these stand for arguments of any built-in function
type Any = any;

interface Call {
  readonly self: Any;
  readonly args: readonly Any[];
  readonly result: Any;
  /** Length of the array or text, and the regular expression's lastIndex, before the call. */
  readonly length: number;
  readonly lastIndex: number;
}

let items = new Map<string, number>();
let counts = false;

/** Items that built-in functions touch while `work` runs, by function: elements, characters, bytes. */
export async function countBuiltIns(work: () => unknown): Promise<Map<string, number>> {
  items = new Map();
  counts = true;
  try {
    await work();
  } finally {
    counts = false;
  }
  return items;
}

/** Makes methods also add what `touched` says of a call, if they are called while work is counted. */
function watch(owner: Any, names: string, touched: (call: Call) => number): void {
  for (const name of names.split(' ')) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name)!;
    const own = descriptor.value as (...args: Any[]) => Any;
    const { counting } = {
      counting(this: Any, ...args: Any[]): Any {
        if (!counts) return own.apply(this, args);
        const length = this?.length as number;
        const lastIndex = this?.lastIndex as number;
        const result = own.apply(this, args);
        const more = touched({ self: this, args, result, length, lastIndex }) || 0;
        items.set(name, (items.get(name) ?? 0) + more);
        return result;
      },
    };
    Object.defineProperty(owner, name, { ...descriptor, value: counting });
  }
}

const whole = ({ length }: Call) => length;
const made = ({ result }: Call) => result?.length;
const upToFound = ({ args, length, result }: Call) =>
  (result >= 0 ? result + 1 : length) - (typeof args[1] === 'number' ? Math.min(args[1], length) : 0);
/** From the start to the end that are given; from the end if they are negative. */
const filled = ({ args: [, start = 0, end = Infinity], length }: Call) => {
  const place = (at: number) => (at < 0 ? Math.max(0, length + at) : Math.min(at, length));
  return Math.max(0, place(end) - place(start));
};

const TypedArray = Object.getPrototypeOf(Uint8Array);
for (const { prototype } of [Array, TypedArray]) {
  watch(prototype, 'slice', made);
  watch(prototype, 'indexOf findIndex', upToFound);
  watch(prototype, 'includes join reverse sort copyWithin', whole);
  watch(prototype, 'fill', filled);
}
watch(Array.prototype, 'shift unshift flat', whole);
watch(Array.prototype, 'concat', made);
watch(Array.prototype, 'splice', ({ args, result, length }) => result.length + Math.max(0, length - args[0]));
watch(TypedArray.prototype, 'set', ({ args }) => args[0].length);
watch(Array, 'from', made);
watch(String.prototype, 'indexOf', upToFound);
watch(
  String.prototype,
  'includes lastIndexOf split replace replaceAll normalize toLowerCase toUpperCase isWellFormed',
  whole,
);
watch(String.prototype, 'repeat padStart padEnd trim', made);
watch(Object, 'keys values entries', made);
watch(Object, 'assign', ({ args }) => args.reduce((sum, each) => sum + Object.keys(each ?? {}).length, 0));
watch(Object, 'fromEntries', ({ result }) => Object.keys(result).length);
watch(JSON, 'parse', ({ args }) => args[0].length);
watch(JSON, 'stringify', made);
watch(TextEncoder.prototype, 'encode', made);
watch(TextDecoder.prototype, 'decode', made);
for (const iterable of [[], '', new Map(), new Set()]) {
  watch(Object.getPrototypeOf(iterable[Symbol.iterator]()), 'next', () => 1);
}
// Backtracking is not seen.
watch(RegExp.prototype, 'exec', ({ self, args, result, lastIndex }) => {
  const start = self.global || self.sticky ? lastIndex : 0;
  if (result === null) return self.sticky ? 1 : String(args[0]).length - start;
  return result.index + result[0].length - start;
});

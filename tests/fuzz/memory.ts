// Counts the pages of WebAssembly memories that are made in this thread, which Node counts nowhere.
const PAGE = 65_536;
let wasmBytes = 0;

const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    wasmBytes += descriptor.initial * PAGE;
  }

  override grow(pages: number): number {
    const before = super.grow(pages);
    wasmBytes += pages * PAGE;
    return before;
  }
};

/** Bytes of objects, buffers and WebAssembly memories: a difference of two is what was taken between them, or less. */
export function bytesTaken(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed + wasmBytes;
}

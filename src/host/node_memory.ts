import { freemem } from 'node:os';

/** Bytes of memory that this process can still get. */
export function availableMemory(): number {
  // Deno, Bun and Node before 20.13 do not know the limit of a container.
  return process.availableMemory?.() ?? freemem();
}

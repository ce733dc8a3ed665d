import { freemem } from 'node:os';

/** Bytes that the system can still give to this process. */
export function availableMemory(): number {
  // Deno and Bun, and Node before 20.13, do not tell what a container allows.
  return process.availableMemory?.() ?? freemem();
}

import { PAGE } from '../../../assembly/abi.js';
import type { CoreMemory } from '../memory.js';
import { type StructLayout, structBytes, writeStruct } from './struct.js';

/** Rows of several sequences that are evaluated together. */
export const BATCH = {
  runs: 'u32',
  runCount: 'u32',
  rows: 'u32',
  wanted: 'u32',
  tokens: 'u32',
  positions: 'u32',
  isAdapted: 'u32',
} as const satisfies StructLayout;

/** Consecutive positions of one sequence. */
export const RUN = {
  pages: 'u32',
  start: 'u32',
  rows: 'u32',
  first: 'u32',
  wanted: 'u32',
  firstWanted: 'u32',
  adapters: 'u32',
  memory: 'u32',
} as const satisfies StructLayout;

/** A run as it is written. */
export interface RunFields {
  /** Addresses of the sequence's pages, from its first position on. */
  readonly pages: readonly number[];
  /** Position of the first row. */
  readonly start: number;
  /** A token id for each row, or NO_TOKEN if its vector is in `Model.x`. */
  readonly tokens: readonly number[];
  /** For each row its row of the position embedding; `undefined` for that of its position. */
  readonly positions: readonly number[] | undefined;
  /** How many rows, the last ones, are wanted. */
  readonly wanted: number;
  /** Address of the adapters, or 0. */
  readonly adapters: number;
  /** Address of its MEMORY, or 0. */
  readonly memory: number;
}

/** Bytes of a batch of up to `rows` rows, whose sequences have up to `contextLength` positions. */
export function batchBytes(rows: number, contextLength: number): number {
  const pages = Math.ceil(contextLength / PAGE);
  return structBytes(BATCH) + rows * (8 + structBytes(RUN) + 4 * pages);
}

/** Writes a batch at an address that has room for `batchBytes`. */
export function writeBatch(memory: CoreMemory, address: number, runs: readonly RunFields[]): void {
  const view = new DataView(memory.memory.buffer);
  const rows = runs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const runArray = address + structBytes(BATCH);
  const tokenArray = runArray + runs.length * structBytes(RUN);
  const positionArray = tokenArray + 4 * rows;
  let pageArray = positionArray + 4 * rows;
  let first = 0;
  let firstWanted = 0;
  runs.forEach(({ pages, tokens, positions, ...run }, index) => {
    const fields = { ...run, pages: pageArray, rows: tokens.length, first, firstWanted };
    writeStruct(view, runArray + index * structBytes(RUN), RUN, fields);
    memory.i32(tokenArray + 4 * first, tokens.length).set(tokens);
    const embedded = positions ?? tokens.map((_, row) => run.start + row);
    memory.i32(positionArray + 4 * first, tokens.length).set(embedded);
    memory.i32(pageArray, pages.length).set(pages);
    pageArray += 4 * pages.length;
    first += tokens.length;
    firstWanted += run.wanted;
  });
  writeStruct(view, address, BATCH, {
    runs: runArray,
    runCount: runs.length,
    rows,
    wanted: firstWanted,
    tokens: tokenArray,
    positions: positionArray,
    isAdapted: runs.some(({ adapters }) => adapters !== 0) ? 1 : 0,
  });
}

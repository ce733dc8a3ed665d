import { KV_Q8, PAGE, PANEL, padded, pagePartBytes } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { nextTask } from '../../base/next_task.js';
import { KV_CODES, type KvFormat } from '../../dtypes/kv_formats.js';
import type { CoreMemory } from '../memory.js';

/*
 * Keys and values of positions outside of core memory: for each position, and each head of each layer, its key,
 * its value and, in q8, their scales. Unlike pages they hold nothing else, such as what other texts left in
 * them. Where each number is in a page: assembly/kernels/kv/layout.ts.
 */

/** Offset of a column in a q8 panel. */
const columnOffset = (column: number) => ((column & 8) << 1) | ((column & 3) << 2) | ((column & 4) >> 2);

/** Copies positions between pages and arrays. */
export class PositionCopier {
  /** Bytes of one position. */
  readonly bytes: number;
  readonly #memory: () => CoreMemory;
  readonly #pageBytes: number;
  readonly #partBytes: number;
  /** Bytes of a number. */
  readonly #width: number;
  /** Byte offsets in a part of all numbers of each position. */
  readonly #offsets: readonly Int32Array[];

  /** `memory` throws `disposed` if there is none any more. */
  constructor(memory: () => CoreMemory, { channels, heads, layers }: ModelConfig, kv: KvFormat) {
    const headSize = channels / heads;
    this.#memory = memory;
    this.#width = kv === 'f32' ? 4 : kv === 'f16' ? 2 : 1;
    this.#partBytes = pagePartBytes(KV_CODES[kv], headSize);
    this.#pageBytes = layers * heads * this.#partBytes;
    this.#offsets = Array.from({ length: PAGE }, (_, position) =>
      offsetsOf(KV_CODES[kv], headSize, position),
    );
    this.bytes = layers * heads * this.#offsets[0]!.length * this.#width;
  }

  /** Reads the first `count` positions of a page into `out`. */
  read(page: number, count: number, out: Uint8Array): void {
    this.#each(page, count, out, (inPage, at, outside, i) => {
      outside[i] = inPage[at]!;
    });
  }

  /** Writes `count` positions to the beginning of a page. */
  write(page: number, count: number, from: Uint8Array): void {
    this.#each(page, count, from, (inPage, at, outside, i) => {
      inPage[at] = outside[i]!;
    });
  }

  #each(
    page: number,
    count: number,
    bytes: Uint8Array,
    copy: (inPage: Numbers, at: number, outside: Numbers, i: number) => void,
  ): void {
    const inPage = this.#numbers(this.#memory().bytes(page, this.#pageBytes));
    const outside = this.#numbers(bytes);
    let i = 0;
    for (let position = 0; position < count; position++) {
      const offsets = this.#offsets[position]!;
      for (let part = 0; part < inPage.length; part += this.#partBytes / this.#width) {
        for (let n = 0; n < offsets.length; n++) copy(inPage, part + offsets[n]!, outside, i++);
      }
    }
  }

  #numbers({ buffer, byteOffset, byteLength }: Uint8Array): Numbers {
    const length = byteLength / this.#width;
    if (this.#width === 4) return new Uint32Array(buffer, byteOffset, length);
    return this.#width === 2
      ? new Uint16Array(buffer, byteOffset, length)
      : new Uint8Array(buffer, byteOffset, length);
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array;

/** Where a position's numbers are in a part: counted in numbers, in q8 in bytes. */
function offsetsOf(format: number, headSize: number, position: number): Int32Array {
  const offsets: number[] = [];
  const isQ8 = format === KV_Q8;
  const rows = isQ8 ? (headSize + 1) & -2 : headSize;
  const [panel, column] = [Math.floor(position / PANEL) * rows * PANEL, position % PANEL];
  for (let i = 0; i < headSize; i++) {
    offsets.push(panel + (isQ8 ? 32 * (i >> 1) + 2 * (i & 1) + columnOffset(column) : i * PANEL + column));
  }
  const values = PAGE * rows;
  for (let i = 0; i < headSize; i++) {
    const [group, lane] = [values + Math.floor(i / PANEL) * PAGE * PANEL, i % PANEL];
    offsets.push(
      group +
        (isQ8 ? 32 * (position >> 1) + 2 * (position & 1) + columnOffset(lane) : position * PANEL + lane),
    );
  }
  if (isQ8) {
    const scales = values + PAGE * padded(headSize) + 2 * position;
    offsets.push(scales, scales + 1, scales + 2 * PAGE, scales + 2 * PAGE + 1);
  }
  return Int32Array.from(offsets);
}

/** Does `copy` for each page and its part of `count` positions, while others have their turns. */
export async function eachPage(
  pages: readonly number[],
  count: number,
  copy: (page: number, first: number, count: number) => void,
): Promise<void> {
  for (const [index, page] of pages.entries()) {
    if (index > 0) await nextTask();
    copy(page, index * PAGE, Math.min(PAGE, count - index * PAGE));
  }
}

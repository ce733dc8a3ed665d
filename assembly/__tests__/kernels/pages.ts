import { KV_F16, KV_F32, KV_Q8, PAGE, pagePartBytes } from '../../abi';
import { attendHead, attendToAll, attentionScratchBytes } from '../../kernels/attention';
import { copyPositions } from '../../kernels/kv/copy';
import { storeKeyValue } from '../../kernels/kv/store';
import { Rows, expectInside, randomArray } from '../support';

export const FORMATS: i32[] = [KV_F32, KV_F16, KV_Q8];

export function formatName(format: i32): string {
  return format == KV_F32 ? 'f32' : format == KV_F16 ? 'f16' : 'q8';
}

/**
 * Pages of one layer's keys and values, all canaries, which are NaN, until written. A page begins with a part
 * of another layer, and later pages have lower addresses.
 */
export class Pages {
  readonly memory: Rows[];
  private addresses: StaticArray<u32>;
  private partBytes: i32;
  private scratch: Rows;

  constructor(
    readonly format: i32,
    readonly heads: i32,
    readonly headSize: i32,
    readonly length: i32,
  ) {
    const count = (length + PAGE - 1) / PAGE;
    const partBytes = pagePartBytes(format, headSize);
    this.partBytes = partBytes;
    this.addresses = new StaticArray<u32>(count);
    this.scratch = new Rows(1, <i32>(attentionScratchBytes(length, headSize) >> 2));
    const memory: Rows[] = [];
    for (let i = 0; i < count; i++) memory.push(new Rows(1, ((1 + heads) * partBytes) >> 2));
    this.memory = memory.reverse();
    for (let i = 0; i < count; i++) this.addresses[i] = <u32>this.memory[i].pointer();
  }

  private partOffset(head: i32): usize {
    return <usize>(this.partBytes * (1 + head));
  }

  /** Address of a head's part of the page with a position. */
  part(position: i32, head: i32): usize {
    return <usize>this.addresses[position / PAGE] + this.partOffset(head);
  }

  store(sequence: Sequence, start: i32, rows: i32): void {
    const C = this.heads * this.headSize;
    const end = start + rows;
    while (start < end) {
      const count = min(PAGE - (start % PAGE), end - start);
      for (let head = 0; head < this.heads; head++) {
        storeKeyValue(
          this.format,
          this.part(start, head),
          sequence.qkv.pointer(start, C + head * this.headSize),
          sequence.qkv.pointer(start, 2 * C + head * this.headSize),
          sequence.qkv.strideBytes,
          count,
          start % PAGE,
          this.headSize,
        );
      }
      start += count;
    }
  }

  attendHead(out: Rows, sequence: Sequence, start: i32, rows: i32, head: i32): void {
    attendHead(
      this.format,
      out.pointer(start, head * this.headSize),
      out.strideBytes,
      sequence.qkv.pointer(start, head * this.headSize),
      sequence.qkv.strideBytes,
      rows,
      start,
      changetype<usize>(this.addresses),
      this.partOffset(head),
      this.headSize,
      sequence.scale,
      this.scratch.pointer(),
    );
  }

  /** Attends from rows first.. of other queries to the first `keys` positions of these pages, in every head. */
  attendToAll(out: Rows, queries: Sequence, first: i32, rows: i32, keys: i32): void {
    const scratch = new Rows(1, <i32>(attentionScratchBytes(rows, this.headSize) >> 2));
    for (let head = 0; head < this.heads; head++) {
      attendToAll(
        this.format,
        out.pointer(first, head * this.headSize),
        out.strideBytes,
        queries.qkv.pointer(first, head * this.headSize),
        queries.qkv.strideBytes,
        rows,
        keys,
        changetype<usize>(this.addresses),
        this.partOffset(head),
        this.headSize,
        queries.scale,
        scratch.pointer(),
      );
    }
    expectInside(scratch, scratch.columns, queries.name + ', scratch');
  }

  /** Pages with the first `count` positions of these. */
  copy(count: i32): Pages {
    const pages = new Pages(this.format, this.heads, this.headSize, this.length);
    for (let start = 0; start < count; start += PAGE) {
      const positions = min(PAGE, count - start);
      const to = pages.part(start, 0);
      copyPositions(this.format, to, this.part(start, 0), positions, this.headSize, this.heads);
    }
    return pages;
  }

  expectInside(what: string): void {
    expectInside(this.scratch, this.scratch.columns, what + ', scratch');
    for (let i = 0; i < this.memory.length; i++) {
      const page = this.memory[i];
      expectInside(page, page.columns, what + ', page');
      for (let j = 0; j < this.partBytes >> 2; j++) {
        if (!isNaN(page.get(0, j))) throw new Error(what + ': writes into the part of another layer');
      }
    }
  }
}

/** Queries, keys and values of all heads for positions 0.., in rows [q, k, v] as in the model. */
export class Sequence {
  scale: f32 = 0.25;

  constructor(
    readonly length: i32,
    readonly heads: i32,
    readonly headSize: i32,
    readonly qkv: Rows,
  ) {}

  static random(length: i32, heads: i32, headSize: i32, magnitude: f32 = 1): Sequence {
    const C = heads * headSize;
    return new Sequence(length, heads, headSize, Rows.of(randomArray(length * 3 * C, magnitude), 3 * C));
  }

  get name(): string {
    const sizes = this.length.toString() + ' positions, ' + this.heads.toString() + ' heads of ';
    return sizes + this.headSize.toString();
  }

  /** A head's queries (kind 0), keys (1) or values (2): [length, headSize]. */
  columns(kind: i32, head: i32): StaticArray<f32> {
    const from = (kind * this.heads + head) * this.headSize;
    const out = new StaticArray<f32>(this.length * this.headSize);
    for (let i = 0; i < out.length; i++) out[i] = this.qkv.get(i / this.headSize, from + (i % this.headSize));
    return out;
  }

  pages(format: i32): Pages {
    return new Pages(format, this.heads, this.headSize, this.length);
  }

  /** Attends to rows start.. in every head. */
  attend(out: Rows, pages: Pages, start: i32, rows: i32): void {
    for (let head = 0; head < this.heads; head++) pages.attendHead(out, this, start, rows, head);
  }

  /** Evaluates the sequence in calls of the given lengths, repeated. */
  inCalls(pages: Pages, lengths: StaticArray<i32>): Rows {
    const out = new Rows(this.length, this.heads * this.headSize);
    let start = 0;
    for (let i = 0; start < this.length; i++) {
      const rows = min(lengths[i % lengths.length], this.length - start);
      pages.store(this, start, rows);
      this.attend(out, pages, start, rows);
      start += rows;
    }
    pages.expectInside(this.name);
    return out;
  }

  atOnce(format: i32): Rows {
    return this.inCalls(this.pages(format), [this.length]);
  }
}

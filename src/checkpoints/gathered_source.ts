import { readExactly } from '../files/read.js';
import type { ModelSource, SourceFile } from '../files/source.js';
import { coalesced, gather, gatheredBytes, type Strided } from './gather.js';

/** A range of addresses behind the end of a file, and the numbers that are read there. */
interface Region {
  readonly start: number;
  readonly end: number;
  /** One after the other; none for zeros. */
  readonly parts: readonly Strided[];
}

/** Distance of regions: a read never goes over the end of one, and all begin at a multiple of it. */
const GAP = 8;

/**
 * Addresses behind the ends of files, at which numbers are that lie elsewhere in these files and are gathered
 * as they are read: strided, in another byte order, or f64 as f32. So a weight is always a range of addresses
 * with its rows in order.
 */
export class GatheredAddresses {
  /** Regions of each file, in order. */
  readonly #regions = new Map<string, Region[]>();

  /** The addresses of numbers that lie apart; `byteLength`: that of their bytes when gathered. */
  add(file: SourceFile, numbers: Strided, byteLength: number): { start: number; end: number } {
    return this.#add(file, byteLength, [{ ...numbers, ...coalesced(numbers) }]);
  }

  /** The addresses of several numbers, one after the other. */
  addAll(file: SourceFile, parts: readonly Strided[]): { start: number; end: number } {
    const byteLength = parts.reduce((sum, part) => sum + gatheredBytes(part), 0);
    return this.#add(
      file,
      byteLength,
      parts.map((part) => ({ ...part, ...coalesced(part) })),
    );
  }

  /** Addresses at which zeros are. */
  addZeros(file: SourceFile, byteLength: number): { start: number; end: number } {
    return this.#add(file, byteLength);
  }

  #add(file: SourceFile, byteLength: number, parts: readonly Strided[] = []): { start: number; end: number } {
    const regions = this.#regions.get(file.path) ?? [];
    this.#regions.set(file.path, regions);
    const start = Math.ceil(((regions.at(-1)?.end ?? file.byteLength) + 1) / GAP) * GAP;
    const region = { start, end: start + byteLength };
    regions.push({ ...region, parts });
    return region;
  }

  /** A source that also reads at these addresses. */
  in(source: ModelSource): ModelSource {
    return {
      name: source.name,
      list: (signal) => source.list(signal),
      read: async (path, start, end, signal, into) => {
        const region = this.#regions.get(path)?.find((region) => start >= region.start && end <= region.end);
        if (region === undefined) return source.read(path, start, end, signal, into);
        const hasRoom = into !== undefined && into.byteOffset % GAP === 0;
        const out = hasRoom ? into.subarray(0, end - start) : new Uint8Array(end - start);
        if (region.parts.length === 0) return out.fill(0);
        const read = (from: number, to: number) => readExactly(source, path, from, to, signal);
        let partStart = region.start;
        for (const part of region.parts) {
          const partEnd = partStart + gatheredBytes(part);
          const from = Math.max(start, partStart);
          const to = Math.min(end, partEnd);
          if (from < to) await gather(part, from - partStart, out.subarray(from - start, to - start), read);
          partStart = partEnd;
        }
        return out;
      },
      ...(source.download && { download: (...args) => source.download!(...args) }),
      ...(source.close && { close: () => source.close!() }),
    };
  }
}

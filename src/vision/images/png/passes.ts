import type { PngHeader } from './header.js';

/** Pixels that are stored together, every `dx`-th of every `dy`-th row from (x, y). */
export interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  /** Pixels of a row of the pass. */
  readonly width: number;
  /** Rows of the pass. */
  readonly height: number;
  /** Bytes of a row, without the byte that names its filter. */
  readonly rowBytes: number;
}

/** Adam7: x, y, dx and dy of the seven passes of an interlaced file. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The passes of a file that hold pixels. */
export function passesOf({ width, height, depth, samples, isInterlaced }: PngHeader): Pass[] {
  return (isInterlaced ? ADAM7 : ([[0, 0, 1, 1]] as const))
    .map(([x, y, dx, dy]) => {
      const columns = Math.ceil((width - x) / dx);
      const rowBytes = Math.ceil((columns * depth * samples) / 8);
      return { x, y, dx, dy, width: columns, height: Math.ceil((height - y) / dy), rowBytes };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

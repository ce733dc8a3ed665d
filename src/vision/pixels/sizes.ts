import { isJsonObject } from '../../files/json_object.js';
import { invalid } from './field_error.js';

/** The size of the numbers that an encoder takes, in pixels. */
export interface CropSize {
  readonly width: number;
  readonly height: number;
}

/** The size of a resized image, or of its shorter edge, with a limit for the longer one. */
export type ResizeTo = CropSize | { readonly shortestEdge: number; readonly longestEdge: number | undefined };

/** Longest edge of a resized image, in pixels. */
const LONGEST = 2 ** 14;

const isEdge = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST;

/** The field `size`. `isSquare`: a number alone is the edge of a square, not the shorter edge. */
export function resizeTo(size: unknown, isSquare: boolean): ResizeTo {
  const exact = exactSize(size, isSquare);
  if (exact !== undefined) return exact;
  const { shortest_edge, longest_edge, ...rest } = isJsonObject(size) ? size : { shortest_edge: size };
  const isLimited = longest_edge !== undefined && longest_edge !== null;
  const areEdges = isEdge(shortest_edge) && (!isLimited || isEdge(longest_edge));
  if (!areEdges || Object.keys(rest).length > 0) {
    const forms = 'a number, { height, width }, { shortest_edge } or { shortest_edge, longest_edge }';
    throw invalid('size', size, `${forms}, with edges of 1 to ${LONGEST} pixels`);
  }
  return { shortestEdge: shortest_edge, longestEdge: isLimited ? (longest_edge as number) : undefined };
}

/** The field `crop_size`. */
export function cropSize(size: unknown): CropSize {
  const exact = exactSize(size, true);
  if (exact !== undefined) return exact;
  throw invalid('crop_size', size, `a number or { height, width }, with edges of 1 to ${LONGEST} pixels`);
}

function exactSize(size: unknown, isSquare: boolean): CropSize | undefined {
  const pair = Array.isArray(size) ? size : isSquare ? [size, size] : [];
  const [height, width] = isJsonObject(size) ? [size.height, size.width] : pair;
  const isPair = !Array.isArray(size) || size.length === 2;
  return isPair && isEdge(height) && isEdge(width) ? { width, height } : undefined;
}

/** The size to which an image is resized, with the rounding of transformers. */
export function resizedSize({ width, height }: CropSize, to: ResizeTo): CropSize {
  if ('width' in to) return to;
  const shorter = Math.min(width, height);
  const longer = Math.max(width, height);
  let edge = to.shortestEdge;
  let exact = edge;
  if (to.longestEdge !== undefined && (longer / shorter) * edge > to.longestEdge) {
    exact = (to.longestEdge * shorter) / longer;
    edge = roundHalfEven(exact);
  }
  if (to.longestEdge !== undefined && shorter === edge) return { width, height };
  const other = Math.trunc((exact * longer) / shorter);
  return width <= height ? { width: edge, height: other } : { width: other, height: edge };
}

/** Python's `round`. */
function roundHalfEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

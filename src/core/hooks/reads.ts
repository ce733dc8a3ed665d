import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { PointRead } from './actions.js';
import { pointsNamed } from './names.js';
import { type Point, pointsOf } from './points.js';
import { chosenOf } from './positions.js';

/** The points that a list of names means, each once, in the order of the model. Throws `invalid-option`. */
export function readPoints(given: unknown, config: ModelConfig, name = 'read'): Point[] {
  if (!Array.isArray(given)) throw invalidOption(name, given, 'a list of names of hooks');
  const points = pointsOf(config);
  const chosen = new Set(given.flatMap((hook, i) => pointsNamed(points, hook, `${name}[${i}]`)));
  return points.filter((point) => chosen.has(point));
}

/** The sizes of what is read at a point of `rows` positions in a text of `tokens`. */
export function shapeOf({ shape, heads, width }: Point, rows: number, tokens: number): number[] {
  if (shape === 'keys') return [heads, rows, tokens];
  return shape === 'heads' || shape === 'results' ? [rows, heads, width] : [rows, width];
}

/** How many numbers are read at a point. */
export function lengthOf(point: Point, rows: number, tokens: number): number {
  return shapeOf(point, rows, tokens).reduce((product, size) => product * size);
}

/** Room for what is read at points. Throws `out-of-memory`. */
export function placeReads(
  points: readonly Point[],
  positions: readonly number[],
  tokens: number,
): Map<string, PointRead> {
  const { indexOf } = chosenOf(positions);
  const rows = positions.length;
  try {
    return new Map(
      points.map((point) => {
        const data = new Float32Array(lengthOf(point, rows, tokens));
        return [point.name, { point, data, rows, tokens, indexOf }];
      }),
    );
  } catch (cause) {
    throw new Gpt2Error('out-of-memory', 'the numbers that are read do not fit into memory', { cause });
  }
}

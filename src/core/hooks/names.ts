import { hintFor, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Point } from './points.js';

/** A longer name is none. */
const LONGEST = 100;

/**
 * The points that a name means; `*` stands for any letters. Throws `invalid-option` for what means none, with the
 * nearest name.
 */
export function pointsNamed(points: readonly Point[], name: unknown, where: string): Point[] {
  const found = typeof name === 'string' && name.length <= LONGEST ? points.filter(matcher(name)) : [];
  if (found.length > 0) return found;
  const names = points.map((point) => point.name);
  const hint =
    typeof name === 'string' && name.length <= LONGEST ? hintFor(name, names) : `such as ${names[2]}`;
  throw new Gpt2Error('invalid-option', `${where} is ${show(name)}, which is no hook of this model; ${hint}`);
}

function matcher(name: string): (point: Point) => boolean {
  const parts = name.split('*');
  if (parts.length === 1) return (point) => point.name === name;
  return (point) => {
    const last = parts.at(-1)!;
    let at = parts[0]!.length;
    if (!point.name.startsWith(parts[0]!)) return false;
    for (const part of parts.slice(1, -1)) {
      const place = point.name.indexOf(part, at);
      if (place < 0) return false;
      at = place + part.length;
    }
    return point.name.length - last.length >= at && point.name.endsWith(last);
  };
}

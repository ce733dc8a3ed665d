import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkNumber, finite } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { LARGEST_F32 } from '../../base/finite.js';
import type { PointEdit } from './actions.js';
import { pointsNamed } from './names.js';
import { type Point, pointsOf } from './points.js';
import { type Chosen, editPositions, type TextLength } from './positions.js';

const OPS = ['zero', 'scale', 'add', 'replace'] as const;

/** A change of numbers inside the model, as data. */
export interface Edit {
  /** The name of a hook (see `hooksOf`); `*` stands for any letters, so that several may be meant. */
  readonly hook: string;
  /**
   * `all` (default), the tokens of the `prompt`, those that are `generated` after it, or a list: 0 is the first token
   * of the text or the prompt, -1 its last one. When a text is generated, `all` and `generated` go on with it.
   */
  readonly positions?: 'all' | 'prompt' | 'generated' | ArrayLike<number> | undefined;
  /** Heads from 0, of hooks whose numbers are those of heads. Default: all. */
  readonly heads?: ArrayLike<number> | undefined;
  /** Put 0 (ablation), multiply by a number, add numbers (steering) or put others (patching). */
  readonly op: (typeof OPS)[number];
  /**
   * With `scale` a number. With `add` and `replace` the numbers of one position, for all of them, or of each of the
   * positions, row after row, as a trace gives them: [width], or [heads, width] of the heads that are listed.
   *
   * Of `attn_scores` and `pattern`, a position has a number for each token of the text or prompt, those after it
   * without effect: [tokens] for all heads and positions, or [heads, positions, tokens]. Scores may be -Infinity: the
   * token is not seen.
   */
  readonly value?: number | ArrayLike<number> | undefined;
}

const NAMES = Object.keys({
  hook: true,
  positions: true,
  heads: true,
  op: true,
  value: true,
} satisfies Record<keyof Edit, true>);

/** More changes than this, those of several hooks counted each, are refused. */
const MOST_EDITS = 10_000;

/** The changes at each point, by its name, in their order. Throws `invalid-option`. */
export function checkEdits(
  given: unknown,
  config: ModelConfig,
  length: TextLength,
  name = 'edit',
): Map<string, PointEdit[]> {
  if (!Array.isArray(given)) throw invalidOption(name, given, 'a list of changes');
  const points = pointsOf(config);
  const edits = new Map<string, PointEdit[]>();
  let count = 0;
  given.forEach((edit: unknown, i) => {
    const where = `${name}[${i}]`;
    if (typeof edit !== 'object' || edit === null) throw invalidOption(where, edit, 'an object');
    checkOptionNames(where, edit, NAMES);
    for (const point of pointsNamed(points, (edit as Edit).hook, `${where}.hook`)) {
      const all = edits.get(point.name) ?? [];
      all.push(checkEdit(edit as Edit, point, length, where));
      edits.set(point.name, all);
      if (++count > MOST_EDITS) {
        throw new Gpt2Error('invalid-option', `${name} asks for more than ${MOST_EDITS} changes`);
      }
    }
  });
  return edits;
}

function checkEdit(edit: Edit, point: Point, length: TextLength, where: string): PointEdit {
  if (!point.isEditable) {
    throw new Gpt2Error('invalid-option', `${where}.hook is ${point.name}, which can only be read`);
  }
  const { op } = edit;
  if (!OPS.includes(op)) throw invalidOption(`${where}.op`, op, quotedList(OPS));
  const positions = editPositions(edit.positions ?? 'all', length, `${where}.positions`);
  const heads = headsOf(edit.heads, point, `${where}.heads`);
  const plain = { op, heads, width: point.width, indexOf: positions.indexOf, factor: 0, ...NO_VALUE };
  if (op === 'zero') {
    if (edit.value !== undefined) throw invalidOption(`${where}.value`, edit.value, 'left out with op zero');
    return plain;
  }
  if (op === 'scale') {
    checkNumber(`${where}.value`, edit.value, finite);
    return { ...plain, factor: edit.value };
  }
  const shape = { point, heads, positions, length };
  return { ...plain, ...givenNumbers(edit.value, shape, op, `${where}.value`) };
}

const NO_VALUE = { value: new Float32Array(0), isByPosition: false, rows: 0, keys: 0 };

/** Checked heads; all where a point has some and none are given. Throws `invalid-option`. */
function headsOf(given: unknown, { name, heads, shape }: Point, where: string): number[] | undefined {
  if (given === undefined)
    return shape === 'heads' ? Array.from({ length: heads }, (_, head) => head) : undefined;
  if (shape !== 'heads' && shape !== 'keys') {
    throw new Gpt2Error('invalid-option', `${where} is given, but ${name} has no heads; leave it out`);
  }
  const list = typeof given === 'object' && given !== null ? (given as ArrayLike<unknown>) : undefined;
  if (list === undefined || !Number.isInteger(list.length) || list.length < 1 || list.length > heads) {
    throw invalidOption(where, given, `a list of 1 to ${heads} heads`);
  }
  return Array.from(list, (head, i) => {
    const isRepeated = Array.prototype.indexOf.call(list, head) < i;
    const isHead = Number.isInteger(head) && (head as number) >= 0 && (head as number) < heads;
    if (isHead && !isRepeated) return head as number;
    throw invalidOption(`${where}[${i}]`, head, `a whole number from 0 to ${heads - 1}, each once`);
  });
}

interface ValueShape {
  readonly point: Point;
  readonly heads: readonly number[] | undefined;
  readonly positions: Chosen;
  readonly length: TextLength;
}

/** The numbers of a change. Throws `invalid-option`. */
function givenNumbers(
  given: unknown,
  { point, heads, positions, length }: ValueShape,
  op: string,
  where: string,
): Omit<PointEdit, 'op' | 'heads' | 'width' | 'indexOf' | 'factor'> {
  const list = typeof given === 'object' && given !== null ? (given as ArrayLike<unknown>) : undefined;
  if (list === undefined || !Number.isInteger(list.length)) {
    throw invalidOption(where, given, `a list of numbers with op ${op}`);
  }
  const isKeys = point.shape === 'keys';
  const { count } = positions;
  if (isKeys && count === undefined) {
    const right = "positions of the prompt ('prompt' or a list)";
    throw new Gpt2Error('invalid-option', `${where} has a number for each token, which needs ${right}`);
  }
  const ofHeads = isKeys ? (heads?.length ?? point.heads) : 1;
  const one = isKeys ? length.tokens : (heads?.length ?? 1) * point.width;
  const all = count === undefined ? one : ofHeads * count * one;
  if (list.length !== one && list.length !== all) {
    const right = all === one ? `${one}` : `${one} for all positions, or ${all} for ${count} positions`;
    throw new Gpt2Error(
      'invalid-option',
      `${where} has ${list.length} numbers; ${point.name} takes ${right}`,
    );
  }
  const least = point.name.endsWith('attn_scores') ? Number.NEGATIVE_INFINITY : -LARGEST_F32;
  const value = new Float32Array(list.length);
  for (let i = 0; i < value.length; i++) {
    const number = list[i] as number;
    if (!(typeof number === 'number' && number >= least && number <= LARGEST_F32)) {
      throw invalidOption(`${where}[${i}]`, number, 'a number that 32 bits can hold');
    }
    value[i] = number;
  }
  const isByPosition = list.length !== one;
  const numbers = { value, isByPosition, rows: count ?? 0, keys: isKeys ? one : 0 };
  if (least === Number.NEGATIVE_INFINITY) checkSeen(numbers, positions, where);
  return numbers;
}

/** Throws `invalid-option` for scores of -Infinity that leave a position no token to attend to. */
function checkSeen(
  { value, isByPosition, rows, keys }: Pick<PointEdit, 'value' | 'isByPosition' | 'rows' | 'keys'>,
  { indexOf }: Chosen,
  where: string,
): void {
  for (let position = 0; position < keys; position++) {
    const index = indexOf(position);
    const step = isByPosition ? rows * keys : value.length;
    for (let start = isByPosition ? index * keys : 0; index >= 0 && start < value.length; start += step) {
      if (value.subarray(start, start + position + 1).some((score) => score > Number.NEGATIVE_INFINITY))
        continue;
      throw new Gpt2Error(
        'invalid-option',
        `${where} hides all tokens up to position ${position} from it; leave one to be seen, or choose other positions`,
      );
    }
  }
}

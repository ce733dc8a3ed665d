import type { LogitsRow } from '../logits_row.js';
import type { Point } from './points.js';

/** A checked change of the numbers at a point. */
export interface PointEdit {
  readonly op: 'zero' | 'scale' | 'add' | 'replace';
  /** The heads that it changes, in the order of their values; undefined for all numbers of a position. */
  readonly heads: readonly number[] | undefined;
  /** Numbers of a head, if there are heads. */
  readonly width: number;
  readonly factor: number;
  /**
   * Numbers [heads, width] for all positions or, with `isByPosition`, for each of `rows`; of keys [keys] for all heads
   * and positions, or [heads, rows, keys].
   */
  readonly value: Float32Array;
  readonly isByPosition: boolean;
  readonly rows: number;
  readonly keys: number;
  /** The place of a position among those that it changes; -1 if it does not change it. */
  indexOf(position: number): number;
}

/** Where the numbers at a point are put. */
export interface PointRead {
  readonly point: Point;
  readonly data: Float32Array;
  /** Receives each row of logits in place of `data`, which is then empty. */
  readonly receive?: ((index: number, row: LogitsRow) => void) | undefined;
  /** How many positions are read. */
  readonly rows: number;
  /** Tokens of the text. */
  readonly tokens: number;
  /** The place of a position among those that are read; -1 if it is not. */
  indexOf(position: number): number;
}

/** What happens at a point: changes in their order, then reading. */
export interface PointActions {
  readonly edits: readonly PointEdit[];
  readonly read: PointRead | undefined;
}

/** Whether anything is changed or read at a position. */
export function isAt({ edits, read }: PointActions, position: number): boolean {
  return (read?.indexOf(position) ?? -1) >= 0 || edits.some(({ indexOf }) => indexOf(position) >= 0);
}

/** Writes a number of 32 bits; returns whether its bits differ from those before. */
function write(row: Float32Array, index: number, value: number): boolean {
  const rounded = Math.fround(value);
  if (Object.is(row[index], rounded)) return false;
  row[index] = rounded;
  return true;
}

/** Changes the `width` numbers of `row` from `start` on, with the values from `from` on. Returns whether a bit changed. */
function editNumbers(
  edit: PointEdit,
  row: Float32Array,
  start: number,
  width: number,
  from: number,
): boolean {
  const { op, factor, value } = edit;
  let isChanged = false;
  for (let i = 0; i < width; i++) {
    const before = row[start + i]!;
    const given = value[from + i]!;
    const after =
      op === 'zero' ? 0 : op === 'scale' ? before * factor : op === 'add' ? before + given : given;
    if (write(row, start + i, after)) isChanged = true;
  }
  return isChanged;
}

/** Changes the numbers of a position, [heads, width] or [width]. Returns whether a bit changed. */
export function editRow({ edits }: PointActions, row: Float32Array, position: number): boolean {
  let isChanged = false;
  for (const edit of edits) {
    const index = edit.indexOf(position);
    if (index < 0) continue;
    const heads = edit.heads ?? [0];
    const width = edit.heads === undefined ? row.length : edit.width;
    const from = edit.isByPosition ? index * heads.length * width : 0;
    heads.forEach((head, i) => {
      if (editNumbers(edit, row, head * width, width, from + i * width)) isChanged = true;
    });
  }
  return isChanged;
}

/** Changes one head's scores or weights of the keys up to a position. Returns whether a bit changed. */
export function editKeys(
  edits: readonly PointEdit[],
  keys: Float32Array,
  head: number,
  position: number,
): boolean {
  let isChanged = false;
  for (const edit of edits) {
    const index = edit.indexOf(position);
    const place = edit.heads === undefined ? head : edit.heads.indexOf(head);
    if (index < 0 || place < 0) continue;
    const from = edit.isByPosition ? (place * edit.rows + index) * edit.keys : 0;
    if (editNumbers(edit, keys, 0, keys.length, from)) isChanged = true;
  }
  return isChanged;
}

/** Puts the numbers of a position where they are read. */
export function readRow(read: PointRead | undefined, row: Float32Array, position: number): void {
  const index = read?.indexOf(position) ?? -1;
  if (index >= 0) read!.data.set(row, index * row.length);
}

/** Puts one head's numbers of the keys up to a position where they are read, `masked` for the later ones. */
export function readKeys(
  read: PointRead | undefined,
  keys: Float32Array,
  head: number,
  position: number,
  masked: number,
): void {
  const index = read?.indexOf(position) ?? -1;
  if (index < 0) return;
  const { data, rows, tokens } = read!;
  const start = (head * rows + index) * tokens;
  data.set(keys, start);
  data.fill(masked, start + keys.length, start + tokens);
}

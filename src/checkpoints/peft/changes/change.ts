import type { Parameter } from '../../../architecture/gpt2/parameters.js';

/** Whole rows of a parameter, in the layout of the checkpoint that is read. */
export interface ChangedRows {
  readonly parameter: Parameter;
  /** rows x columns, row-major; a vector is one row. */
  readonly values: Float32Array;
  readonly firstRow: number;
}

/** In this order: numbers are replaced, then sums are added, then rows or columns are scaled. */
export type ChangeOrder = 'replace' | 'add' | 'scale';

/** A change of one parameter that is merged into it. */
export interface ParameterChange {
  /** The kind of change, for messages: "DoRA". */
  readonly kind: string;
  readonly order: ChangeOrder;
  /** True if no multiple of it is defined, and no sum with other adapters. */
  readonly isAlone: boolean;
  /** Whether `change` takes all rows of the parameter at once. */
  needsAll?(parameter: Parameter): boolean;
  /** Changes whole rows, `weight` times if the change can be multiplied. */
  change(rows: ChangedRows, weight: number): void;
}

/** Columns of a row of a parameter. */
export const columnsOf = ({ shape }: Parameter): number => shape.at(-1)!;

/** Calls `each` with the index of each number of some rows, its row and its column. */
export function forEachNumber(
  { parameter, values, firstRow }: ChangedRows,
  each: (index: number, row: number, column: number) => void,
): void {
  const columns = columnsOf(parameter);
  const first = parameter.kind === 'vector' ? 0 : firstRow;
  for (let start = 0, row = first; start < values.length; start += columns, row++) {
    for (let column = 0; column < columns; column++) each(start + column, row, column);
  }
}

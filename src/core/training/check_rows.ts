import { type Parameter, rowGroup } from '../../architecture/gpt2/parameters.js';
import { asBytes } from '../../base/bytes.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { BLOCK_SIZES, isDtype, type TensorType } from '../../dtypes/tensor_types.js';

/** Throws `invalid-option` for a weight that is none of `own`, and for rows that it does not have. */
export function checkRows(
  own: ReadonlyMap<string, Parameter>,
  parameter: Parameter,
  firstRow: number,
  rowCount?: number,
): void {
  const name = (parameter as Parameter | undefined)?.name;
  const found = typeof name === 'string' ? own.get(name) : undefined;
  if (found === undefined || !(isSame(parameter, found) || isSame(parameter, transposed(found)))) {
    throw invalidOption('parameter', parameter, 'one of parameters or frozen of the TrainCore');
  }
  const [rows] = shapeOf(parameter);
  checkNumber('firstRow', firstRow, whole(0, rows));
  if (rowCount !== undefined) checkNumber('rowCount', rowCount, whole(0, rows - firstRow));
}

/** Throws `invalid-option` for rows of a packed matrix that are not whole blocks of its columns. */
export function checkGroups(parameter: Parameter, firstRow: number, rowCount: number): void {
  const group = rowGroup(parameter.kind);
  const end = firstRow + rowCount;
  if (firstRow % group === 0 && (end % group === 0 || end === shapeOf(parameter)[0])) return;
  const given = `rows ${firstRow} to ${end - 1} of ${parameter.name}`;
  throw new Gpt2Error('invalid-option', `${given} are not whole blocks; give a multiple of ${group} rows`);
}

/** Throws `invalid-option` unless there are the bytes of `numbers` numbers, and room for them in `room` bytes. */
export function checkBytes(
  bytes: Uint8Array,
  numbers: number,
  type: TensorType,
  room: number,
  takesBlocks: boolean,
): void {
  if (!isDtype(type) && !takesBlocks) throw invalidOption('type', type, "'F32', 'F16' or 'BF16'");
  const { bytes: size, weights } = BLOCK_SIZES[type];
  const right = (numbers / weights) * size;
  // Half-precision numbers also need room for their f32 values behind them.
  const most = room / (type === 'F32' || takesBlocks ? 1 : 3);
  const length = asBytes(bytes)?.length;
  if (length === undefined) throw invalidOption('bytes', bytes, 'a Uint8Array');
  if (length === right && right <= most) return;
  throw new Gpt2Error(
    'invalid-option',
    `there are ${length} bytes; the rows have ${right}, and at most ${Math.floor(most)} are taken at once`,
  );
}

/** A Conv1D matrix as GGUF files store it, [out, in]; other parameters unchanged. */
function transposed({ name, kind, shape }: Parameter): Parameter {
  return kind === 'conv1d' ? { name, kind: 'linear', shape: [shape[1]!, shape[0]!] } : { name, kind, shape };
}

function isSame({ kind, shape }: Parameter, other: Parameter): boolean {
  return (
    kind === other.kind &&
    shape?.length === other.shape.length &&
    other.shape.every((size, i) => shape[i] === size)
  );
}

/** Rows and columns of a parameter in a checkpoint; a vector is one row. */
export function shapeOf({ kind, shape }: Parameter): [number, number] {
  return kind === 'vector' ? [1, shape[0]!] : [shape[0]!, shape[1]!];
}

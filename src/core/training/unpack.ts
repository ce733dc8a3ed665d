import { padded } from '../../../assembly/abi.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import type { TrainExports } from './exports.js';

/** Writes `count` rows of a weight [rows, columns] at `place`, from `first` on, to `out` in the layout of a checkpoint. */
type Unpack = (
  out: number,
  place: number,
  first: number,
  count: number,
  rows: number,
  columns: number,
) => void;

/** How the rows of a weight are read whose matrices are in a format. */
export function unpackOf(core: TrainExports, { kind }: Parameter, format: WeightFormat): Unpack {
  const { code } = FORMATS[format];
  switch (kind) {
    case 'conv1d':
      return format === 'f32' ? core.unpackConv1d : (...places) => core.unpackPackedConv1d(code, ...places);
    case 'linear':
      return (out, place, first, count, _rows, columns) =>
        format === 'f32'
          ? core.unpackLinear(out, place, first, count, columns)
          : core.unpackPackedLinear(code, out, place, first, count, columns);
    default:
      return (out, place, first, count, _rows, columns) => {
        const stride = 4 * padded(columns);
        core.unpackRows(out, place + first * stride, stride, count, columns);
      };
  }
}

/** The transpose of 4 x 4 f32. */
// @ts-ignore: decorator
@inline
function transpose4(out: usize, outStride: usize, x: usize, xStride: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + xStride);
  const c = v128.load(x + xStride * 2);
  const d = v128.load(x + xStride * 3);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(out + outStride, v128.shuffle<i64>(ab, cd, 1, 3));
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out + outStride * 2, v128.shuffle<i64>(ab2, cd2, 0, 2));
  v128.store(out + outStride * 3, v128.shuffle<i64>(ab2, cd2, 1, 3));
}

/** Rows transposed together, so that whole cache lines are written. */
const BAND: i32 = 16;

/** out[columns, rows] = the transpose of x[rows, columns], f32; strides in bytes. */
export function transpose(
  out: usize,
  outStride: usize,
  x: usize,
  xStride: usize,
  rows: i32,
  columns: i32,
): void {
  for (let first = 0; first < rows; first += BAND) {
    const height = min(BAND, rows - first);
    const fours = height & ~3;
    let from = x;
    let to = out;
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      for (let row = 0; row < fours; row += 4) {
        transpose4(to + ((<usize>row) << 2), outStride, from + xStride * row, xStride);
      }
      for (let row = fours; row < height; row++) {
        for (let c = 0; c < 4; c++) {
          const number = load<f32>(from + xStride * row + ((<usize>c) << 2));
          store<f32>(to + outStride * c + ((<usize>row) << 2), number);
        }
      }
      from += 16;
      to += outStride << 2;
    }
    for (; column < columns; column++) {
      for (let row = 0; row < height; row++) {
        store<f32>(to + ((<usize>row) << 2), load<f32>(from + xStride * row));
      }
      from += 4;
      to += outStride;
    }
    x += xStride * BAND;
    out += (<usize>BAND) << 2;
  }
}

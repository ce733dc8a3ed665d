import { padded } from '../abi';

/** Content of unwritten memory: a signaling NaN, whose bits no arithmetic gives. */
const CANARY: u32 = 0x7fa0cafe;

/** f32 of canary before, after and between rows. */
const GUARD: i32 = 16;

function fillCanaries(pointer: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u32>(pointer + ((<usize>i) << 2), CANARY);
}

/** Fills the memory at a null pointer with canaries, so that reads of it show; no data is below 1,024. */
export function guardNull(): void {
  fillCanaries(0, 256);
}

let state: u32 = 1;

export function seed(value: u32): void {
  state = value * 2654435761 + 1;
}

/** The next number of Marsaglia's xorshift. */
export function randomBits(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

export function randomBelow(n: i32): i32 {
  return <i32>(randomBits() % <u32>n);
}

/** n numbers spread evenly over -magnitude..magnitude. */
export function randomArray(n: i32, magnitude: f32 = 1): StaticArray<f32> {
  const out = new StaticArray<f32>(n);
  for (let i = 0; i < n; i++) out[i] = (<f32>(<i32>randomBits()) / 2147483648.0) * magnitude;
  return out;
}

/** Numbers of very different magnitude, so that the scales of blocks differ. */
export function unevenArray(n: i32): StaticArray<f32> {
  const out = randomArray(n);
  for (let i = 0; i < n; i += 7) out[i] *= reinterpret<f32>((120 + (randomBits() % 12)) << 23);
  return out;
}

/** n whole numbers spread evenly over -limit..limit. */
export function randomIntegers(n: i32, limit: i32): StaticArray<f32> {
  const out = new StaticArray<f32>(n);
  for (let i = 0; i < n; i++) out[i] = <f32>(randomBelow(2 * limit + 1) - limit);
  return out;
}

export function filled(n: i32, value: f64): StaticArray<f64> {
  return new StaticArray<f64>(n).fill(value);
}

export function absolute(values: StaticArray<f32>): StaticArray<f32> {
  const out = new StaticArray<f32>(values.length);
  for (let i = 0; i < values.length; i++) out[i] = Mathf.abs(values[i]);
  return out;
}

/** Rows from..to of a matrix of `columns` columns. */
export function rowsOf(values: StaticArray<f32>, columns: i32, from: i32, to: i32): StaticArray<f32> {
  return values.slice<StaticArray<f32>>(from * columns, to * columns);
}

/** A matrix in the layout of kernels: rows `stride` f32 apart, canaries in all gaps. */
export class Rows {
  private memory: StaticArray<f32>;

  constructor(
    readonly rows: i32,
    readonly columns: i32,
    readonly stride: i32 = padded(columns) + GUARD,
  ) {
    this.memory = new StaticArray<f32>(rows * stride + 2 * GUARD);
    fillCanaries(changetype<usize>(this.memory), this.memory.length);
  }

  static of(values: StaticArray<f32>, columns: i32, stride: i32 = padded(columns) + GUARD): Rows {
    const rows = new Rows(values.length / columns, columns, stride);
    for (let i = 0; i < values.length; i++) rows.set(i / columns, i % columns, values[i]);
    return rows;
  }

  static vector(values: StaticArray<f32>): Rows {
    return Rows.of(values, values.length);
  }

  get strideBytes(): usize {
    return (<usize>this.stride) << 2;
  }

  pointer(row: i32 = 0, column: i32 = 0): usize {
    return changetype<usize>(this.memory) + ((<usize>(GUARD + row * this.stride + column)) << 2);
  }

  get(row: i32, column: i32): f32 {
    return load<f32>(this.pointer(row, column));
  }

  bits(row: i32, column: i32): u32 {
    return load<u32>(this.pointer(row, column));
  }

  set(row: i32, column: i32, value: f32): void {
    store<f32>(this.pointer(row, column), value);
  }

  /** Number of overwritten canaries outside rows x `written`. */
  overruns(written: i32 = this.columns): i32 {
    let count = 0;
    for (let i = 0; i < this.memory.length; i++) {
      const at = i - GUARD;
      const inside = at >= 0 && at < this.rows * this.stride && at % this.stride < written;
      if (!inside && load<u32>(changetype<usize>(this.memory) + (i << 2)) != CANARY) count++;
    }
    return count;
  }
}

/** Fails unless every |actual - expected| is within its tolerance; NaN never is. */
export function expectClose(
  actual: Rows,
  expected: StaticArray<f64>,
  tolerance: StaticArray<f64>,
  what: string,
): void {
  let worst: f64 = 0;
  for (let row = 0; row < actual.rows; row++) {
    for (let column = 0; column < actual.columns; column++) {
      const i = row * actual.columns + column;
      const error = Math.abs(<f64>actual.get(row, column) - expected[i]);
      if (!(error <= tolerance[i])) worst = isNaN(error) ? Infinity : Math.max(worst, error / tolerance[i]);
    }
  }
  expect<f64>(worst).toBeLessThanOrEqual(1, what + ': error in multiples of its bound');
}

/** Fails unless rows from..to of two matrices, by default all, are the same to the last bit. */
export function expectSameBits(
  actual: Rows,
  expected: Rows,
  what: string,
  from: i32 = 0,
  to: i32 = actual.rows,
): void {
  let different = 0;
  for (let row = from; row < to; row++) {
    for (let column = 0; column < actual.columns; column++) {
      if (actual.bits(row, column) != expected.bits(row, column)) different++;
    }
  }
  expect<i32>(different).toBe(0, what + ': numbers that differ');
}

/** Fails if a kernel wrote outside the first `written` columns of its output's rows. */
export function expectInside(out: Rows, written: i32, what: string): void {
  expect<i32>(out.overruns(written)).toBe(0, what + ': writes outside the output');
}

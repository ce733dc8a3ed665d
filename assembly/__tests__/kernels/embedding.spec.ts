import { embed } from '../../kernels/embedding';
import { packLinear } from '../../kernels/formats';
import { WEIGHTS_F32, WEIGHTS_Q4, WEIGHTS_Q8 } from '../../abi';
import { embedding } from '../../reference/embedding';
import { decodeF16, panels, transpose } from '../../reference/pack';
import { unpackedQ4 } from '../../reference/q4';
import { Quantized, quantizeWeights } from '../../reference/q8';
import { Rows, expectClose, expectInside, randomArray, randomBelow, seed } from '../support';

/** Quantized numbers as f32. */
function dequantized(q: Quantized<i32>): StaticArray<f32> {
  const out = new StaticArray<f32>(q.rows * q.K);
  for (let i = 0; i < out.length; i++) {
    out[i] = <f32>(<f64>q.value(i / q.K, i % q.K) * decodeF16(q.scale(i / q.K, (i % q.K) / 32)));
  }
  return out;
}

/** Rows of C channels for tokens at positions start.. of a vocabulary of V and a context of T. */
function check(V: i32, T: i32, C: i32, tokens: StaticArray<i32>, start: i32): void {
  const wte = randomArray(V * C);
  checkWith(WEIGHTS_F32, changetype<usize>(panels(transpose(wte, V, C), C, V, NaN)), wte, T, C, tokens, start);
}

/** As `check`, with the embedding in q8 and q4: compares with the reference on the quantized numbers. */
function checkQuantized(V: i32, T: i32, C: i32, tokens: StaticArray<i32>, start: i32): void {
  const wte = randomArray(V * C);
  const blocks = ((V + 15) / 16) * ((C + 31) / 32);
  const q8 = new StaticArray<u8>(blocks * 544);
  packLinear(WEIGHTS_Q8, changetype<usize>(q8), changetype<usize>(wte), 0, V, C);
  const exactQ8 = dequantized(quantizeWeights(wte, V, C));
  checkWith(WEIGHTS_Q8, changetype<usize>(q8), exactQ8, T, C, tokens, start);
  const q4 = new StaticArray<u8>(blocks * 288);
  packLinear(WEIGHTS_Q4, changetype<usize>(q4), changetype<usize>(wte), 0, V, C);
  const exactQ4 = dequantized(unpackedQ4(changetype<usize>(q4), C, V));
  checkWith(WEIGHTS_Q4, changetype<usize>(q4), exactQ4, T, C, tokens, start);
}

/** Compares the embedding `packed` in a format with the numbers [V, C] that it holds. */
function checkWith(
  weights: i32,
  packed: usize,
  wte: StaticArray<f32>,
  T: i32,
  C: i32,
  tokens: StaticArray<i32>,
  start: i32,
): void {
  const wpe = randomArray(T * C);
  const rows = tokens.length;
  const out = new Rows(rows, C);
  const positions = Rows.of(wpe, C, out.stride).pointer();
  for (let row = 0; row < rows; row++) {
    const position = positions + out.strideBytes * (start + row);
    embed(out.pointer(row), tokens[row], position, weights, packed, C);
  }
  const expected = embedding(tokens, start, wte, wpe, C);
  const rounded = new StaticArray<f64>(expected.length);
  for (let i = 0; i < expected.length; i++) rounded[i] = <f64>(<f32>expected[i]);
  const what = rows.toString() + ' rows of ' + C.toString() + ' channels in format ' + weights.toString();
  expectClose(out, rounded, new StaticArray<f64>(expected.length), what);
  expectInside(out, C, what);
}

function randomTokens(rows: i32, V: i32): StaticArray<i32> {
  const tokens = new StaticArray<i32>(rows);
  for (let i = 0; i < rows; i++) tokens[i] = randomBelow(V);
  return tokens;
}

describe('embedding', () => {
  it('is the reference rounded once, for channel counts that need padding and that do not', () => {
    seed(1);
    const channels: i32[] = [1, 12, 16, 36, 48, 101];
    for (let i = 0; i < channels.length; i++) {
      for (let rows = 1; rows <= 13; rows += 4) {
        check(101, 32, channels[i], randomTokens(rows, 101), 3);
        checkQuantized(101, 32, channels[i], randomTokens(rows, 101), 3);
      }
    }
  });

  it('knows every token of a vocabulary that does not fill its panels', () => {
    seed(2);
    const tokens = new StaticArray<i32>(101);
    for (let i = 0; i < 101; i++) tokens[i] = 100 - i;
    check(101, 101, 36, tokens, 0);
  });

  it('reaches the last position of the context', () => {
    seed(3);
    check(17, 48, 12, randomTokens(13, 17), 35);
    check(17, 48, 12, randomTokens(1, 17), 47);
  });

  it('gives equal tokens at different positions different rows', () => {
    seed(4);
    check(5, 16, 36, [4, 4, 4, 0, 0], 0);
  });
});

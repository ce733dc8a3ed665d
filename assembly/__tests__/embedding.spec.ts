import { embed, embedQ8 } from '../kernels/embedding';
import { packLinearQ8 } from '../kernels/pack_q8';
import { embedding } from '../reference/embedding';
import { decodeF16, panels, transpose } from '../reference/pack';
import { quantizeWeights } from '../reference/q8';
import { Rows, expectClose, expectInside, randomArray, randomBelow, seed } from './support';

/** Rows of C channels for tokens at positions start.. of a vocabulary of V and a context of T. */
function check(V: i32, T: i32, C: i32, tokens: StaticArray<i32>, start: i32): void {
  const wte = randomArray(V * C);
  const wpe = randomArray(T * C);
  const rows = tokens.length;
  const out = new Rows(rows, C);
  embed(
    out.pointer(),
    out.strideBytes,
    changetype<usize>(tokens),
    rows,
    start,
    changetype<usize>(panels(transpose(wte, V, C), C, V, NaN)),
    Rows.of(wpe, C, out.stride).pointer(),
    C,
  );
  const expected = embedding(tokens, start, wte, wpe, C);
  const rounded = new StaticArray<f64>(expected.length);
  for (let i = 0; i < expected.length; i++) rounded[i] = <f64>(<f32>expected[i]);
  const what = rows.toString() + ' rows of ' + C.toString() + ' channels';
  expectClose(out, rounded, new StaticArray<f64>(expected.length), what);
  expectInside(out, C, what);
}

/** As `check`, with the embedding in q8: the twin on the quantized numbers. */
function checkQ8(V: i32, T: i32, C: i32, tokens: StaticArray<i32>, start: i32): void {
  const wte = randomArray(V * C);
  const wpe = randomArray(T * C);
  const rows = tokens.length;
  const packed = new StaticArray<u8>(((V + 15) / 16) * ((C + 31) / 32) * 544);
  packLinearQ8(changetype<usize>(packed), changetype<usize>(wte), 0, V, C);
  const out = new Rows(rows, C);
  embedQ8(
    out.pointer(),
    out.strideBytes,
    changetype<usize>(tokens),
    rows,
    start,
    changetype<usize>(packed),
    Rows.of(wpe, C, out.stride).pointer(),
    C,
  );
  const quantized = quantizeWeights(wte, V, C);
  for (let i = 0; i < wte.length; i++) {
    const scale = decodeF16(quantized.scale(i / C, (i % C) / 32));
    wte[i] = <f32>(<f64>quantized.value(i / C, i % C) * scale);
  }
  const expected = embedding(tokens, start, wte, wpe, C);
  const rounded = new StaticArray<f64>(expected.length);
  for (let i = 0; i < expected.length; i++) rounded[i] = <f64>(<f32>expected[i]);
  const what = rows.toString() + ' rows of ' + C.toString() + ' channels in q8';
  expectClose(out, rounded, new StaticArray<f64>(expected.length), what);
  expectInside(out, C, what);
}

function randomTokens(rows: i32, V: i32): StaticArray<i32> {
  const tokens = new StaticArray<i32>(rows);
  for (let i = 0; i < rows; i++) tokens[i] = randomBelow(V);
  return tokens;
}

describe('embedding', () => {
  it('is the twin rounded once, for channel counts that need padding and that do not', () => {
    seed(1);
    const channels: i32[] = [1, 12, 16, 36, 48, 101];
    for (let i = 0; i < channels.length; i++) {
      for (let rows = 1; rows <= 13; rows += 4) {
        check(101, 32, channels[i], randomTokens(rows, 101), 3);
        checkQ8(101, 32, channels[i], randomTokens(rows, 101), 3);
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

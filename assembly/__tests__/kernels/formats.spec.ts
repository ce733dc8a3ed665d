import { WEIGHTS_Q4, WEIGHTS_Q8 } from '../../abi';
import { quantizeInput } from '../../kernels/formats';
import { ACTIVATIONS_BYTES as Q4_BYTES } from '../../kernels/formats/q4/layout';
import { ACTIVATIONS_BYTES as Q8_BYTES } from '../../kernels/formats/q8/layout';
import { Rows, guardNull, randomArray, seed } from '../support';

/** Quantizes `rows` rows of K numbers in parts of up to `part` rows, as threads do. */
function inParts(weights: i32, x: Rows, rows: i32, part: i32, K: i32): StaticArray<u8> {
  const bytes = <i32>(weights == WEIGHTS_Q8 ? Q8_BYTES : Q4_BYTES);
  const out = new StaticArray<u8>(rows * ((K + 31) / 32) * bytes);
  for (let first = 0; first < rows; first += part) {
    const count = min(part, rows - first);
    quantizeInput(weights, changetype<usize>(out), x.pointer(), x.strideBytes, rows, first, count, K);
  }
  return out;
}

describe('quantizeInput', () => {
  beforeAll(guardNull);
  beforeEach(() => seed(1));

  test('rows that are quantized in parts are those that are quantized at once', () => {
    const formats: StaticArray<i32> = [WEIGHTS_Q8, WEIGHTS_Q4];
    const widths: StaticArray<i32> = [20, 32, 100];
    for (let i = 0; i < formats.length; i++) {
      for (let j = 0; j < widths.length; j++) {
        const K = widths[j];
        const x = Rows.of(randomArray(7 * K), K);
        const whole = inParts(formats[i], x, 7, 7, K);
        let zeros = 0;
        for (let n = 0; n < whole.length; n++) if (whole[n] == 0) zeros++;
        expect(zeros < whole.length).toBe(true, 'something is written');
        for (let part = 1; part < 7; part++) {
          const parts = inParts(formats[i], x, 7, part, K);
          let wrong = 0;
          for (let n = 0; n < whole.length; n++) if (parts[n] != whole[n]) wrong++;
          expect(wrong).toBe(0, `parts of ${part} rows of ${K} numbers in format ${formats[i]}`);
        }
      }
    }
  });
});

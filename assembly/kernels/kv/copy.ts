import { KV_Q8, PAGE, PANEL, padded, pagePartBytes } from '../../abi';
import { keyPanelBytes, numberBytes, scalesOffset, valuePanelBytes, valuesOffset } from './layout';

/**
 * Copies the first `count` positions of `parts` consecutive parts of a page into another page. What the other
 * positions hold afterwards is not defined.
 */
export function copyPositions(
  format: i32,
  to: usize,
  from: usize,
  count: i32,
  headSize: i32,
  parts: i32,
): void {
  const positions = <usize>padded(count);
  const keyBytes = keyPanelBytes(format, headSize) * (positions / PANEL);
  const valueBytes = positions * PANEL * numberBytes(format);
  const partBytes = <usize>pagePartBytes(format, headSize);
  for (let part = 0; part < parts; part++) {
    memory.copy(to, from, keyBytes);
    let values = valuesOffset(format, headSize);
    for (let i = 0; i < headSize; i += PANEL) {
      memory.copy(to + values, from + values, valueBytes);
      values += valuePanelBytes(format);
    }
    if (format == KV_Q8) {
      const scales = scalesOffset(headSize);
      memory.copy(to + scales, from + scales, positions << 1);
      memory.copy(to + scales + (PAGE << 1), from + scales + (PAGE << 1), positions << 1);
    }
    to += partBytes;
    from += partBytes;
  }
}

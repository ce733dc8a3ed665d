import { threeDigits } from '../../base/human_bytes.js';
import type { WatermarkDetection } from '../../examine/watermarks/detection.js';
import type { PlacedText } from '../inputs/placed_texts.js';
import { shownPlace } from '../scoring/rows.js';

/** p, z, tokens, the share of green tokens or the mean, and a text, separated by tabs. */
export function detectionRow(text: PlacedText, found: WatermarkDetection): string {
  const { p, z, tokens } = found;
  const share = found.kind === 'synthid' ? found.mean : found.fraction;
  return `${[threeDigits(p), z.toFixed(2), tokens, share.toFixed(3), shownPlace(text)].join('\t')}\n`;
}

/** The result of a text for `--json`: all numbers that are of the whole text, and z by length if it was asked for. */
export function detectionJson({ file, line, text }: PlacedText, found: WatermarkDetection): object {
  const plain = Object.entries(found).filter(([, value]) => !(value instanceof Uint8Array));
  const { zByLength } = found;
  return { file, line, text, ...Object.fromEntries(plain), ...(zByLength && { zByLength: [...zByLength] }) };
}

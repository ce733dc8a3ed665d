import { OUTPUT_PROJECTION } from '../../architecture/vit/parameters.js';

/** The name of a captioner's parameter in the files of a VisionEncoderDecoderModel. */
export function storedName(parameter: string): string {
  if (parameter.startsWith(`${OUTPUT_PROJECTION}.`)) return parameter;
  if (parameter === 'lm_head.weight') return `decoder.${parameter}`;
  return /^(wte|wpe|h|ln_f)\./.test(parameter) ? `decoder.transformer.${parameter}` : `encoder.${parameter}`;
}

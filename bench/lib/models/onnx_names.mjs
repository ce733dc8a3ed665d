/** Endings by which transformers.js names the files of a weight format. */
const SUFFIXES = { f32: '', q8: '_quantized' };

/** A captioner's ONNX files in a weight format; transformers.js reads the first two. */
export function captionerOnnx(weights) {
  const suffix = SUFFIXES[weights];
  return {
    encoder: `encoder_model${suffix}.onnx`,
    decoder: `decoder_model_merged${suffix}.onnx`,
    memory: `memory_model${suffix}.onnx`,
    rememberingDecoder: `decoder_model_remembering${suffix}.onnx`,
  };
}

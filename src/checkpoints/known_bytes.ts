/** Bytes at the start of a file that tell its kind. */
export const KNOWN_BYTES = 64;

/** Files of llm.c by their first little-endian u32. */
const LLM_C: ReadonlyMap<number, string> = new Map([
  [20240326, 'a model of llm.c; its name must end in .bin'],
  [20240327, 'what llm.c tests itself with, and no model; give the model that is beside it'],
  [20240527, "the state of a training run of llm.c, and no model; give the run's model_*.bin"],
  [20240328, 'the tokenizer of a model of llm.c, and no model; give the model that is beside it'],
  [20240520, 'a text for training with llm.c, and no model'],
]);

/** Kinds of files that are often found under the name of another kind, by their first bytes. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are bytes of files
const BEGINNINGS: readonly (readonly [begins: RegExp, is: string])[] = [
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS in place of the file; fetch that with "git lfs pull"'],
  [/^\s*<(?:!doctype|html)/i, 'a web page in place of the file; download the file itself'],
  [/^GGUF/, 'a GGUF file; its name must end in .gguf'],
  [
    /^PK\x03\x04|^\x80[\x01-\x05](?:\x8a\n|\x95\r)|^L119/,
    'a file of PyTorch; its name must end in .bin, .pt, .pth or .ckpt',
  ],
  [/^\x89HDF/, 'a file of TensorFlow, which is not read; save the model again as safetensors'],
  [/^\x1f\x8b/, 'compressed by gzip; decompress it first'],
  [/^(?:lmgg|fmgg|tjgg)/, "in llama.cpp's old format; convert the original model again, to GGUF"],
];
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are bytes of files

/**
 * The kind of file that begins with these bytes and the advice for it, to follow "is"; `undefined` if it is
 * unknown.
 */
export function knownBytes(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, KNOWN_BYTES));
  const found = BEGINNINGS.find(([begins]) => begins.test(text));
  if (found !== undefined) return found[1];
  if (bytes.length < 4) return undefined;
  const first = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return LLM_C.get(first);
}

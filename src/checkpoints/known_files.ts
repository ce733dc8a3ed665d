import type { Gpt2ErrorCode } from '../base/errors.js';
import { ADAPTER_FILES, OLD_WEIGHTS_FILE } from './peft/file_names.js';

/** A kind of files that are not read, with the advice for a user who gives them as a model. */
export interface KnownFiles {
  /** Matches the paths of such files. */
  readonly pattern: RegExp;
  /** Names to request at an address, because servers list no files. */
  readonly names: readonly string[];
  readonly code: Gpt2ErrorCode;
  /** Follows the name of a file: "NAME is a checkpoint of nanoGPT; ...". */
  readonly is: string;
}

const SAVE_AGAIN =
  "if its page on the hub has a pull request with safetensors, load that (revision: 'refs/pr/N'); or save the model " +
  'again as safetensors, in Python with transformers';

/** In the order of precedence: the first kind that matches gives the advice. */
export const KNOWN_FILES: readonly KnownFiles[] = [
  {
    pattern: /(?:^|\/)gpt2_(?:tokenizer|[^/]*_debug_state)\.bin$/,
    names: ['gpt2_tokenizer.bin'],
    code: 'not-found',
    is: 'a file of llm.c without the weights of a model; give the folder or the file of the model, such as gpt2_124M.bin',
  },
  {
    pattern: /(?:^|\/)pytorch_model-[^/]*\.bin$/,
    names: [],
    code: 'not-found',
    is: 'one part of the weights; pytorch_model.bin.index.json, which lists the parts, must be there too',
  },
  {
    pattern: /(?:^|\/)(?:flax_model[^/]*\.msgpack(?:\.index\.json)?|[^/]*\.msgpack)$/,
    names: ['flax_model.msgpack'],
    code: 'unsupported',
    is: `in Flax's format, which is not read; ${SAVE_AGAIN} 4: AutoModelForCausalLM.from_pretrained(folder, from_flax=True).save_pretrained(folder)`,
  },
  {
    pattern: /(?:^|\/)[^/]*\.h5(?:\.index\.json)?$/,
    names: ['tf_model.h5'],
    code: 'unsupported',
    is: `in TensorFlow's format, which is not read; ${SAVE_AGAIN} 4: AutoModelForCausalLM.from_pretrained(folder, from_tf=True).save_pretrained(folder)`,
  },
  {
    pattern: /(?:^|\/)[^/]*\.(?:meta|data-\d{5}-of-\d{5})$/,
    names: ['model.ckpt.data-00000-of-00001'],
    code: 'not-found',
    is:
      'a part of a checkpoint of TensorFlow without its index; give the folder that has model.ckpt.index, or ' +
      'model-1000.index and the like, too',
  },
  {
    pattern: /(?:^|\/)(?:saved_model\.pb|[^/]*\.ckpt)$/,
    names: ['saved_model.pb'],
    code: 'unsupported',
    is:
      'a file of TensorFlow which is not read; give the checkpoint that it was made from (model.ckpt.index and its ' +
      'data), or take the same model from the hub',
  },
  {
    pattern: /(?:^|\/)[^/]*\.onnx(?:_data)?$/,
    names: ['model.onnx', 'onnx/model.onnx', 'onnx/decoder_model.onnx', 'decoder_model.onnx'],
    code: 'unsupported',
    is: 'an ONNX graph, which is not read; give the model that it was exported from, as safetensors or GGUF',
  },
  {
    pattern:
      /(?:^|\/)(?:[^/]*\.(?:ot|tflite|mlmodel|npz|ggml)|openvino_model\.(?:xml|bin)|[^/]*\.mlpackage\/.*)$/,
    names: ['rust_model.ot', 'openvino_model.xml'],
    code: 'unsupported',
    is: 'in a format which is not read; give the same model as safetensors or GGUF',
  },
  {
    pattern:
      /(?:^|\/)(?:optimizer\.(?:pt|bin|safetensors)|scheduler\.pt|scaler\.pt|rng_state[^/]*\.pth|training_args\.bin|trainer_state\.json|state_\d{8}[^/]*\.bin)$/,
    names: ['trainer_state.json'],
    code: 'not-found',
    is: 'the state of a training run without the weights of its model; give the folder that holds model.safetensors',
  },
  {
    pattern: /(?:^|\/)state\.safetensors$/,
    names: ['state.safetensors'],
    code: 'not-found',
    is: 'the state of a training run of gpt2-wasm; the same command with --resume continues it and writes the model at its end',
  },
  {
    pattern: /(?:^|\/)[^/]*\.(?:bin|pt|pth|pkl)$/,
    names: [],
    code: 'unsupported',
    is: 'no model that is read here, by its first bytes',
  },
];

/**
 * Names to look for at an address without a model, so that the error is that for the same files in a folder.
 */
export const OTHER_NAMES: readonly string[] = [
  ...[...ADAPTER_FILES, OLD_WEIGHTS_FILE],
  ...KNOWN_FILES.flatMap(({ names }) => names),
];

/** The kind of highest precedence to which any of `paths` belongs, and the path that belongs to it. */
export function knownAmong(paths: readonly string[]): { path: string; known: KnownFiles } | undefined {
  // Files of the folder itself tell more about it than those of folders below.
  const depth = (path: string) => path.split('/').length;
  const byDepth = [...paths].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  for (const known of KNOWN_FILES) {
    const path = byDepth.find((path) => known.pattern.test(path));
    if (path !== undefined) return { path, known };
  }
  return undefined;
}

/**
 * Folders below that have a file whose name `is` accepts, in the order of the numbers at the ends of their
 * names.
 */
export function foldersWith(paths: readonly string[], is: (name: string) => boolean): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const slash = path.lastIndexOf('/');
    if (slash > 0 && is(path.slice(slash + 1))) folders.add(path.slice(0, slash));
  }
  const number = (folder: string) => Number(/\d*$/.exec(folder)![0]);
  return [...folders].sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
}

import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { planThreads } from '../../../src/core/threads/plan.js';
import { WasmCore } from '../../../src/core/wasm_core.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import type { ModelSource } from '../../../src/files/source.js';
import { decode, encode } from '../../dtypes/blocks.js';
import { logitsInBlocks } from '../../support/logits.js';
import { BUILDS } from '../../support/relaxed.js';
import { memorySource } from '../../support/sources.js';
import { fixture, split } from '../support.js';
import { type GgufFile, type Tensor, type TensorType, typed, writeGguf } from './writer.js';

export const ggufSource = (file: Uint8Array): ModelSource => memorySource('memory', { 'model.gguf': file });

/** Hugging Face's names and GGUF's. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^wte\./, 'token_embd.'],
  [/^wpe\./, 'position_embd.'],
  [/^ln_f\./, 'output_norm.'],
  [/^lm_head\./, 'output.'],
  [/^h\.(\d+)\.ln_1\./, 'blk.$1.attn_norm.'],
  [/^h\.(\d+)\.attn\.c_attn\./, 'blk.$1.attn_qkv.'],
  [/^h\.(\d+)\.attn\.c_proj\./, 'blk.$1.attn_output.'],
  [/^h\.(\d+)\.ln_2\./, 'blk.$1.ffn_norm.'],
  [/^h\.(\d+)\.mlp\.c_fc\./, 'blk.$1.ffn_up.'],
  [/^h\.(\d+)\.mlp\.c_proj\./, 'blk.$1.ffn_down.'],
];

/** The metadata that describes a fixture checkpoint, by its config.json. */
export function modelMetadata(name: string): [key: string, value: Uint8Array][] {
  const config = JSON.parse(new TextDecoder().decode(fixture(name)['config.json']));
  return [
    ['general.architecture', typed('string', 'gpt2')],
    ['gpt2.context_length', typed('u32', config.n_positions)],
    ['gpt2.embedding_length', typed('u32', config.n_embd)],
    ['gpt2.feed_forward_length', typed('u32', config.n_inner ?? 4 * config.n_embd)],
    ['gpt2.block_count', typed('u32', config.n_layer)],
    ['gpt2.attention.head_count', typed('u32', config.n_head)],
    ['gpt2.attention.layer_norm_epsilon', typed('f32', config.layer_norm_epsilon)],
    ['tokenizer.ggml.eos_token_id', typed('u32', config.eos_token_id)],
  ];
}

/** The type that a tensor of this GGUF name and shape (rows before columns) is stored in. */
export type TypeOf = (name: string, shape: readonly number[]) => TensorType;
/** Encodes values; K-quants have no encoder here and become random blocks. */
export type Encode = (type: TensorType, values: Float32Array) => Uint8Array;

/** The tensors of a fixture checkpoint with GGUF's names and layout, by default in F32. */
export function modelTensors(name: string, typeOf: TypeOf = () => 'F32', store: Encode = encode): Tensor[] {
  const { header, data } = split(fixture(name)['model.safetensors']!);
  return Object.entries(header).map(([stored, { shape, data_offsets }]) => {
    let ggufName = stored;
    for (const [pattern, replacement] of NAMES) ggufName = ggufName.replace(pattern, replacement);
    let values = new Float32Array(new Uint8Array(data).slice(...data_offsets).buffer);
    let rows = shape;
    if (/\.(c_attn|c_proj|c_fc)\.weight$/.test(stored)) {
      const [inner, outer] = shape as [number, number];
      values = Float32Array.from(values, (_, i) => values[(i % inner) * outer + Math.floor(i / inner)]!);
      rows = [outer, inner];
    }
    const type = typeOf(ggufName, rows);
    return { name: ggufName, dimensions: [...rows].reverse(), type, data: store(type, values) };
  });
}

/** The parts of a fixture checkpoint's file, for a test to change. */
export function modelFile(name: string, typeOf?: TypeOf, store?: Encode): GgufFile & { tensors: Tensor[] } {
  return { metadata: modelMetadata(name), tensors: modelTensors(name, typeOf, store) };
}

/** The same model with every tensor decoded to F32. */
export function decodedFile(file: GgufFile): GgufFile {
  const tensors = file.tensors.map(({ name, dimensions, type, data }) => {
    const values = decode(type as TensorType, data);
    return { name, dimensions, type: 'F32' as const, data: encode('F32', values) };
  });
  return { ...file, tensors };
}

/** T x V logits of a model. */
export async function logitsOf(
  source: ModelSource,
  ids: readonly number[],
  build: (typeof BUILDS)[number] = BUILDS[0],
  weights: WeightFormat = 'f32',
): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(source);
  const { config } = checkpoint;
  const core = await WasmCore.create({ config, build, weights, threads: planThreads(1, 0) });
  await loadWeights(checkpoint, core.loader);
  return logitsInBlocks(core, ids);
}

/** Checks that all bits are equal; a failure names only the first difference. */
export function assertSame(got: Float32Array, wanted: Float32Array): void {
  assert.is(got.length, wanted.length);
  const at = got.findIndex((value, i) => !Object.is(value, wanted[i]));
  if (at !== -1) assert.unreachable(`number ${at} is ${got[at]} in place of ${wanted[at]}`);
}

export const logitsOfFile = (file: GgufFile, ids: readonly number[]): Promise<Float32Array> =>
  logitsOf(ggufSource(writeGguf(file)), ids);

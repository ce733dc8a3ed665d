import { readFileSync } from 'node:fs';
import { type EncoderConfig, parseEncoderConfig } from '../../src/architecture/vit/config.js';
import { type EncoderParameter, encoderParameters } from '../../src/architecture/vit/parameters.js';
import type { Build } from '../../src/core/binary.js';
import { EncoderCore } from '../../src/core/encoder/encoder_core.js';
import { planThreads } from '../../src/core/threads/plan.js';
import type { WeightFormat } from '../../src/dtypes/weight_formats.js';
import { split } from '../checkpoints/support.js';
import type { EncoderWeights } from './literal_vit.js';
import { randomSource } from './random.js';

/** Vision models with results of transformers. */
export const VISION_MODELS = ['vit-gpt2', 'deit-gpt2', 'vit-gpt2-wider'] as const;

/** Numbers with a shape, as expected.json stores them. */
interface Stored {
  readonly shape: readonly number[];
  readonly f32_base64: string;
}

const fixture = (model: string, file: string) =>
  readFileSync(new URL(`../fixtures/cross/${model}/${file}`, import.meta.url));

function numbersOf({ f32_base64 }: Stored): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint8Array.from(Buffer.from(f32_base64, 'base64')).buffer);
}

const canonical = (name: string) => name.replace(/^encoder\./, '');

/**
 * The encoder of a fixture: config, weights, shapes of the stored tensors, pixels of images and the states that transformers computes, of as many
 * images as it has stored, before and after the last matrix.
 */
export function visionModel(name: (typeof VISION_MODELS)[number]) {
  const json = JSON.parse(fixture(name, 'config.json').toString());
  const { header, data } = split(fixture(name, 'model.safetensors'));
  const outputChannels = 'enc_to_dec_proj.weight' in header ? json.decoder.n_embd : undefined;
  const config = parseEncoderConfig(json.encoder, 'encoder of config.json', outputChannels);
  const weights = new Map<string, Float32Array>();
  for (const [stored, { data_offsets }] of Object.entries(header)) {
    const bytes = Uint8Array.from(data.subarray(...data_offsets));
    weights.set(canonical(stored), new Float32Array(bytes.buffer));
  }
  const expected = JSON.parse(fixture(name, 'expected.json').toString());
  const shared = JSON.parse(fixture('vit-gpt2', 'expected.json').toString());
  const pixels: Stored =
    typeof expected.pixel_values === 'string' ? shared.pixel_values : expected.pixel_values;
  return {
    config,
    weights,
    shapes: new Map(Object.entries(header).map(([stored, { shape }]) => [canonical(stored), shape])),
    pixels: perImage(pixels),
    hidden: perImage(expected.encoder_last_hidden_state),
    projected: expected.encoder_projected === null ? [] : perImage(expected.encoder_projected),
  };
}

function perImage(stored: Stored): Float32Array[] {
  const numbers = numbersOf(stored);
  const length = numbers.length / stored.shape[0]!;
  return Array.from({ length: stored.shape[0]! }, (_, i) => numbers.subarray(i * length, (i + 1) * length));
}

/** Random weights of an encoder: matrices shrink with the length of their inputs, norms are near 1. */
export function randomEncoderWeights(config: EncoderConfig, seed: number): Map<string, Float32Array> {
  const random = randomSource(seed);
  return new Map(
    encoderParameters(config).map(({ name, kind, shape }) => {
      const isScale = kind === 'vector' && /norm\w*\.weight$/.test(name);
      const range = kind === 'linear' ? 2 / Math.sqrt(shape[1]!) : 1;
      const length = shape.reduce((product, size) => product * size);
      const numbers = Float32Array.from({ length }, () => {
        const number = (random.uniform() - 0.5) * range;
        return isScale ? 1 + number : number;
      });
      return [name, numbers];
    }),
  );
}

/** A small encoder, of widths that are no multiples of a panel or a block. */
export const SMALL_ENCODER: EncoderConfig = {
  channels: 40,
  layers: 2,
  heads: 2,
  innerChannels: 70,
  activation: 'gelu-erf',
  layerNormEpsilon: 1e-12,
  imageSize: [30, 45],
  patchSize: [3, 5],
  imageChannels: 3,
  classTokens: 2,
  qkvBias: true,
  outputChannels: 52,
};

/** Random pixels of an image, from -1 to 1. */
export function randomPixels({ imageChannels, imageSize }: EncoderConfig, seed: number): Float32Array {
  const random = randomSource(seed);
  const length = imageChannels * imageSize[0] * imageSize[1];
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

interface Settings {
  readonly build?: Build;
  readonly weights?: WeightFormat;
  readonly threads?: number;
  readonly maxMemory?: number;
}

/** An encoder with the given weights, ready for images. */
export async function loadEncoder(
  config: EncoderConfig,
  weights: EncoderWeights,
  { build = 'simd', weights: format = 'f32', threads = 1, maxMemory }: Settings = {},
): Promise<EncoderCore> {
  const core = await EncoderCore.create({
    ...{ config, build, weights: format, maxMemory },
    threads: planThreads(threads, Infinity),
  });
  await core.startThreads();
  for (const parameter of encoderParameters(config)) pack(core, parameter, weights.get(parameter.name)!);
  return core;
}

/** Rows are packed a million numbers at a time, as loading a file does. */
function pack(core: EncoderCore, parameter: EncoderParameter, numbers: Float32Array): void {
  const { kind, shape } = parameter;
  const [rows, columns] = kind === 'vector' ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  const most = Math.max(1, Math.floor(2 ** 20 / columns));
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row);
    const part = numbers.subarray(row * columns, (row + count) * columns);
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    core.loader.pack(parameter, row, count, bytes, 'F32');
  }
}

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { root } from '../../../scripts/run.mjs';
import { writeDecoder, writeEncoder, writeMemory, writeRememberingDecoder } from './onnx_captioner.mjs';
import { captionerOnnx } from './onnx_names.mjs';
import { gpt2Tensors, writeTensors } from './random_model.mjs';
import { openSafetensors } from './safetensors.mjs';
import { CONTEXT, VOCABULARY } from './shapes.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/** ViT and GPT-2 of one width C with L layers and H heads each, and squares of pixels. */
const SHAPES = {
  /** That of nlpconnect/vit-gpt2-image-captioning. */
  base: { C: 768, L: 12, H: 12, image: 224, vocabulary: VOCABULARY },
  small: { C: 128, L: 2, H: 4, image: 64, vocabulary: 1024 },
};
const PATCH = 16;
const CHANNELS = 3;
export const CAPTIONERS = Object.keys(SHAPES);

/** Width and height of the picture that is made pixels. */
export const PICTURE = { width: 640, height: 480 };

/**
 * A captioner with random weights as a folder of safetensors, with ONNX files of the same weights in one weight format
 * as transformers.js names them, and a photograph-like JPEG; what is missing is written. `folder` is relative to the
 * project.
 */
export async function captionerFiles(size, weights) {
  const folder = join(CACHE, `vit-gpt2-${size}-random`);
  const config = configOf(SHAPES[size]);
  if (!existsSync(folder)) await writeFolder(folder, config);
  writeGraphs(folder, config, weights);
  return { folder: relative(root, folder), config };
}

async function writeFolder(folder, config) {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'onnx'), { recursive: true });
  const save = (name, json) => writeFileSync(join(unfinished, name), JSON.stringify(json));
  const { decoder_start_token_id, eos_token_id, pad_token_id, encoder } = config;
  const half = new Array(CHANNELS).fill(0.5);
  save('config.json', config);
  save('generation_config.json', { decoder_start_token_id, eos_token_id, pad_token_id });
  save('preprocessor_config.json', {
    ...{ image_processor_type: 'ViTImageProcessor', do_resize: true, do_rescale: true, do_normalize: true },
    ...{ resample: 2, rescale_factor: 1 / 255, image_mean: half, image_std: half },
    size: { height: encoder.image_size, width: encoder.image_size },
  });
  const decoder = gpt2Tensors(config.decoder, true).map(([name, shape]) => [
    `decoder.transformer.${name}`,
    shape,
  ]);
  writeTensors(join(unfinished, 'model.safetensors'), [...encoderTensors(encoder), ...decoder], 'F32');
  await sharp(picture(PICTURE), { raw: { ...PICTURE, channels: CHANNELS } })
    .jpeg({ quality: 90 })
    .toFile(join(unfinished, 'picture.jpg'));
  renameSync(unfinished, folder);
}

function writeGraphs(folder, config, weights) {
  const names = captionerOnnx(weights);
  const missing = (name) => !existsSync(join(folder, 'onnx', name));
  if (!Object.values(names).some(missing)) return;
  const tensors = openSafetensors(join(folder, 'model.safetensors'));
  const writers = {
    encoder: writeEncoder,
    decoder: writeDecoder,
    memory: writeMemory,
    rememberingDecoder: writeRememberingDecoder,
  };
  for (const [part, write] of Object.entries(writers)) {
    if (missing(names[part])) write(join(folder, 'onnx', names[part]), config, weights, tensors.read);
  }
  tensors.close();
}

function configOf({ C, L, H, image, vocabulary }) {
  const end = vocabulary - 1;
  return {
    ...{ model_type: 'vision-encoder-decoder', is_encoder_decoder: true, tie_word_embeddings: false },
    architectures: ['VisionEncoderDecoderModel'],
    ...{ decoder_start_token_id: end, eos_token_id: end, pad_token_id: end },
    encoder: {
      ...{ model_type: 'vit', hidden_size: C, num_hidden_layers: L, num_attention_heads: H },
      ...{ intermediate_size: 4 * C, hidden_act: 'gelu', layer_norm_eps: 1e-12, qkv_bias: true },
      ...{ image_size: image, patch_size: PATCH, num_channels: CHANNELS },
    },
    decoder: {
      ...{
        model_type: 'gpt2',
        n_embd: C,
        n_layer: L,
        n_head: H,
        n_positions: CONTEXT,
        vocab_size: vocabulary,
      },
      ...{ activation_function: 'gelu_new', layer_norm_epsilon: 1e-5, add_cross_attention: true },
      ...{ is_decoder: true, bos_token_id: end, eos_token_id: end },
    },
  };
}

/** Names and shapes of ViT's tensors. */
function encoderTensors({ hidden_size: C, intermediate_size: inner, num_hidden_layers, image_size }) {
  const list = [];
  const add = (name, ...shape) => list.push([`encoder.${name}`, shape]);
  add('embeddings.cls_token', 1, 1, C);
  add('embeddings.position_embeddings', 1, 1 + (image_size / PATCH) ** 2, C);
  add('embeddings.patch_embeddings.projection.weight', C, CHANNELS, PATCH, PATCH);
  add('embeddings.patch_embeddings.projection.bias', C);
  for (let layer = 0; layer < num_hidden_layers; layer++) {
    const matrix = (name, rows, columns) => {
      add(`encoder.layer.${layer}.${name}.weight`, rows, columns);
      add(`encoder.layer.${layer}.${name}.bias`, rows);
    };
    const norm = (name) => {
      add(`encoder.layer.${layer}.${name}.weight`, C);
      add(`encoder.layer.${layer}.${name}.bias`, C);
    };
    norm('layernorm_before');
    for (const kind of ['query', 'key', 'value']) matrix(`attention.attention.${kind}`, C, C);
    matrix('attention.output.dense', C, C);
    norm('layernorm_after');
    matrix('intermediate.dense', inner, C);
    matrix('output.dense', C, inner);
  }
  add('layernorm.weight', C);
  add('layernorm.bias', C);
  return list;
}

/** RGB bytes: slopes with edges and grain, about as hard to decode as a photograph. */
function picture({ width, height }) {
  const bytes = new Uint8Array(CHANNELS * width * height);
  let state = 1;
  for (let at = 0; at < bytes.length; at++) {
    const x = Math.floor(at / CHANNELS) % width;
    const y = Math.floor(at / CHANNELS / width);
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const edge = (x >> 6) + (y >> 5) * (1 + (at % CHANNELS)) * 37;
    bytes[at] = ((x >> 2) + (y >> 3) + (edge % 96) + (state >>> 28)) & 255;
  }
  return bytes;
}

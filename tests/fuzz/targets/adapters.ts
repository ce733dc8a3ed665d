import { loadMapper, loadModel, loadSoftPrompt } from '../../../src/index.js';
import { mlpShapes, randomTensors, transformerShapes } from '../../support/mappers.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { filesOf, folderTarget } from '../folder_target.js';
import { mustBeFinite } from '../target.js';

const base = await loadModel({ ...filesOf('peft/base') }, { build: 'simd', threads: 1, contextLength: 8 });

const WORDS = [
  ...[
    'peft_type',
    'LORA',
    'IA3',
    'LOHA',
    'LOKR',
    'ADALORA',
    'r',
    'lora_alpha',
    'target_modules',
    'fan_in_fan_out',
  ],
  ...[
    'use_dora',
    'use_rslora',
    'bias',
    'all',
    'lora_only',
    'modules_to_save',
    'rank_pattern',
    'alpha_pattern',
  ],
  ...[
    'layers_to_transform',
    'all-linear',
    'num_virtual_tokens',
    'lora_A.weight',
    'c_attn',
    '.*\\.c_attn',
    'F32',
  ],
];

const KINDS = [
  ...[
    'lora',
    'adalora',
    'dora',
    'ia3',
    'loha',
    'lokr',
    'lora-bias-all',
    'lora-patterns',
    'lora-pattern-regex',
  ],
  ...['lora-bin', 'lora-tokens', 'lora-wte', 'lora-regex', 'lora-fan-in-fan-out', 'lora-save-lm_head'],
];

export const ADAPTERS = folderTarget(
  'adapters',
  KINDS.map((name) => filesOf(`peft/${name}`)),
  async (files) => {
    const adapted = await base.withAdapters([files]);
    try {
      mustBeFinite(await adapted.logits([0, 1]), 'a logit');
    } finally {
      adapted.dispose();
    }
  },
  { words: WORDS },
);

/** Adapters that are summed into the weights while these are loaded: more kinds than can stay beside them. */
export const MERGED_ADAPTERS = folderTarget(
  'merged-adapters',
  KINDS.map((name) => filesOf(`peft/${name}`)),
  async (adapter) => {
    const adapters = [adapter];
    const merged = await loadModel(
      { ...filesOf('peft/base') },
      { adapters, build: 'simd', threads: 1, contextLength: 8 },
    );
    try {
      mustBeFinite(await merged.logits([0, 1]), 'a logit');
    } finally {
      merged.dispose();
    }
  },
  { words: WORDS },
);

export const SOFT_PROMPTS = folderTarget(
  'soft-prompts',
  ['prompt', 'p-tuning', 'prefix'].map((name) => filesOf(`peft/${name}`)),
  async (files) => {
    const { embeddings } = await loadSoftPrompt(files, { model: base });
    mustBeFinite(embeddings, 'a vector');
    mustBeFinite(await base.logits({ embeddings, text: [1] }), 'a logit');
  },
  { words: WORDS },
);

const SIZES = { features: 3, channels: 4, made: 1, vectors: 2, layers: 1 };

export const MAPPERS = folderTarget(
  'mappers',
  [transformerShapes(SIZES), mlpShapes(3, 4, 8)].map((shapes) => ({
    'model.safetensors': safetensorsOf(randomTensors(shapes, 1)),
  })),
  async (files) => {
    const mapper = await loadMapper(files, {
      build: 'simd',
      threads: 1,
      heads: 2,
      model: { config: { channels: 4 } },
    });
    try {
      mustBeFinite(await mapper.map(new Float32Array(mapper.features)), 'a vector');
    } finally {
      mapper.dispose();
    }
  },
  {
    words: ['F32', 'F16', 'shape', 'data_offsets', 'clip_project.', 'gpt.', 'model.0.weight', 'prefix_const'],
  },
);

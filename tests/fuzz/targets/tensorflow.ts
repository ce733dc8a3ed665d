import { loadModel } from '../../../src/index.js';
import { split } from '../../checkpoints/support.js';
import { type Variable, variableName, writeBundle } from '../../support/tensorflow_bundle.js';
import { type Files, folderTarget } from '../folder_target.js';
import { changedAs } from '../mutations/file.js';
import type { RandomSource } from '../mutations/random.js';
import { smallFiles } from '../small.js';
import { jsonOf, mustBeFinite, type Target, text } from '../target.js';

const SIZES = { n_vocab: 1024, n_ctx: 16, n_embd: 8, n_head: 2, n_layer: 1 };
const HPARAMS = { 'hparams.json': text(JSON.stringify(SIZES)) };

function variables(): Variable[] {
  const { header, data } = split(smallFiles['model.safetensors']!);
  return Object.entries(header).map(([stored, { shape, data_offsets }]) => {
    const name = variableName(stored);
    const bytes = new Uint8Array(data.subarray(...data_offsets));
    return { name, shape: name.endsWith('/w') ? [1, ...shape] : shape, data: bytes };
  });
}

const VARIABLES = variables();
const filesWith = (some: readonly Variable[], options = {}): Files => ({
  ...writeBundle('model.ckpt', some, options),
  ...HPARAMS,
});

async function loadAndCompute(files: Record<string, Uint8Array>): Promise<void> {
  const model = await loadModel(files, { threads: 1, build: 'simd', weights: 'f32', contextLength: 8 });
  try {
    mustBeFinite(await model.logits([0, 1]), 'a logit');
  } finally {
    model.dispose();
  }
}

/** Damaged files; most damage shows in a checksum. */
export const TENSORFLOW = folderTarget(
  'tensorflow',
  [filesWith(VARIABLES), filesWith(VARIABLES, { shards: 2, blockEntries: 2, restartInterval: 1 })],
  loadAndCompute,
);

/** The fields of a bundle, as JSON: it is written with right checksums. */
export const TENSORFLOW_FIELDS: Target = {
  ...{ name: 'tensorflow-fields', kind: 'json' },
  words: [
    'model/h0/attn/c_attn/w',
    'model/wte',
    'shape',
    'type',
    'shard',
    'isSliced',
    'blockEntries',
    'endianness',
  ],
  seeds: () => [
    text(
      JSON.stringify({
        variables: VARIABLES.map(({ data: _, ...fields }) => fields),
        options: { shards: 1 },
      }),
    ),
  ],
  change: (input, other, random: RandomSource) => changedAs('json', input, other, [], random),
  async read(input) {
    const { variables: some, options } = Object(jsonOf(input)) as { variables?: unknown; options?: unknown };
    let files: Files;
    try {
      const given = (some as Variable[]).map((fields, i) => ({
        ...fields,
        data: VARIABLES[i % VARIABLES.length]!.data,
      }));
      if (Number(Object(options).shards) > 10) return;
      files = filesWith(given, Object(options));
    } catch {
      // The writer of the test takes less than the reader.
      return;
    }
    await loadAndCompute({ ...files });
  },
};

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import type { Build } from '../../src/core/binary.js';
import { planThreads } from '../../src/core/threads/plan.js';
import { WasmCore } from '../../src/core/wasm_core.js';
import type { WeightFormat } from '../../src/dtypes/weight_formats.js';
import { folderSource } from '../../src/files/folder/folder_source.js';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** The folder of a fixture checkpoint, which was made and evaluated in PyTorch. */
export const checkpointFolder = (name: string): string => `${FIXTURES}/checkpoints/${name}`;

/** Names of all fixture checkpoints. */
export const CHECKPOINTS: readonly string[] = readdirSync(`${FIXTURES}/checkpoints`).sort();

/** PyTorch's results in float32. */
export interface Expected {
  readonly input_ids: readonly number[];
  /** T x V */
  readonly logits: Float32Array;
  readonly greedy: readonly number[];
  readonly logprob_sum: number;
}

export function expectedOf(name: string): Expected {
  return decodeExpected(`${checkpointFolder(name)}/expected.json`);
}

/** An expected.json with its base64 logits as numbers. */
export function decodeExpected(path: string) {
  const { logits_f32_base64, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  const bytes = Uint8Array.from(Buffer.from(logits_f32_base64, 'base64'));
  return { ...rest, logits: new Float32Array(bytes.buffer) };
}

/** The core of a fixture checkpoint, its weights loaded. */
export async function loadCore(
  name: string,
  build: Build,
  weights: WeightFormat = 'f32',
  threads: number = 1,
): Promise<WasmCore> {
  const checkpoint = await openCheckpoint(await folderSource(checkpointFolder(name)));
  const plan = planThreads(threads, 0);
  const core = await WasmCore.create({ config: checkpoint.config, build, weights, threads: plan });
  await core.startThreads();
  await loadWeights(checkpoint, core.loader);
  return core;
}

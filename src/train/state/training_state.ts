import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { withPlace } from '../../base/with_place.js';
import { readSafetensorsHeader } from '../../checkpoints/safetensors/read.js';
import { safetensorsChunks, type TensorToWrite } from '../../checkpoints/safetensors/write.js';
import type { TrainingPart } from '../../core/training/state.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { checkTarget } from '../../files/check_target.js';
import { isJsonObject } from '../../files/json_object.js';
import { readExactly } from '../../files/read.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { ModelTarget } from '../../files/target.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import { writeWhole } from '../../files/write_whole.js';
import { diverged } from '../diverged.js';
import { bytesOf, rowPieces } from './weight_pieces.js';

const CALLS = ['latest', 'target', 'prune'] as const satisfies (keyof TrainingStateStore)[];

/** Throws `invalid-option` unless `store` is the path of a folder or a store. */
export function checkStore(store: unknown): void {
  if (typeof store === 'string' && store !== '') return;
  const given = (typeof store === 'object' && store !== null ? store : {}) as Partial<TrainingStateStore>;
  if (CALLS.every((name) => typeof given[name] === 'function')) return;
  throw invalidOption('checkpoints', store, `a path, or an object with the functions ${CALLS.join(', ')}`);
}

const STATE_FILE = 'state.json';
const TENSORS_FILE = 'state.safetensors';

/** The parts of a weight that a training state has. */
function storedParts(core: TrainCore, parameter: Parameter): TrainingPart[] {
  return core.partsOf(parameter).filter((part) => part !== 'gradients');
}

/** Copies of the trained weights that had the lowest validation loss, by the name of their parameter. */
export type BestWeights = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

/**
 * Writes a training state: trained weights, the optimizer's moments, the best weights if there are any, other `files` by
 * their names, and `state`, which becomes JSON. Throws `runtime` if a number is not finite, and `storage`.
 */
export async function writeState(
  target: ModelTarget,
  core: TrainCore,
  best: BestWeights | undefined,
  state: object,
  files: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  checkTarget(target);
  const tensors: TensorToWrite[] = [];
  for (const parameter of core.parameters) {
    const tensor = (part: string, chunks: () => Iterable<Uint8Array>) =>
      tensors.push({ name: `${part}.${parameter.name}`, dtype: 'F32', shape: parameter.shape, chunks });
    for (const part of storedParts(core, parameter)) tensor(part, () => partBytes(core, part, parameter));
    const values = best?.get(parameter.name);
    if (values !== undefined) tensor('best', () => [bytesOf(values)]);
  }
  await writeWhole(target, async () => {
    await target.write(TENSORS_FILE, safetensorsChunks(tensors));
    for (const [name, bytes] of files) await target.write(name, [bytes]);
    await target.write(STATE_FILE, [new TextEncoder().encode(JSON.stringify(state))]);
  });
}

/** The object that `writeState` was given. Throws `invalid-file`. */
export async function readStateFile(source: ModelSource): Promise<Record<string, unknown>> {
  const state = await readJson(source, await fileOf(source, STATE_FILE));
  if (isJsonObject(state)) return state;
  throw new Gpt2Error('invalid-file', `${STATE_FILE} of ${source.name} must hold an object`);
}

/** Puts stored weights and moments into the core; returns the best weights. Throws `invalid-file`. */
export async function readTensors(source: ModelSource, core: TrainCore): Promise<BestWeights | undefined> {
  const stored = await readSafetensorsHeader(source, await fileOf(source, TENSORS_FILE));
  const byName = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const best = new Map<string, Float32Array<ArrayBuffer>>();
  for (const parameter of core.parameters) {
    const startOf = (name: string): number => {
      const tensor = byName.get(name);
      if (tensor?.dtype === 'F32' && String(tensor.shape) === String(parameter.shape)) return tensor.start;
      const shape = `F32 [${parameter.shape.join(', ')}]`;
      throw new Gpt2Error('invalid-file', `${TENSORS_FILE} of ${source.name} has no ${name} of ${shape}`);
    };
    const rowBytes = 4 * parameter.shape.at(-1)!;
    for (const part of storedParts(core, parameter)) {
      const start = startOf(`${part}.${parameter.name}`);
      for (const { firstRow, count } of rowPieces(parameter)) {
        const from = start + firstRow * rowBytes;
        const bytes = await readExactly(source, TENSORS_FILE, from, from + count * rowBytes);
        try {
          core.loader(part).pack(parameter, firstRow, count, bytes, 'F32');
        } catch (error) {
          throw withPlace(error, `tensor "${part}.${parameter.name}" in ${TENSORS_FILE} of ${source.name}`);
        }
      }
    }
    if (!byName.has(`best.${parameter.name}`)) continue;
    const start = startOf(`best.${parameter.name}`);
    const length = parameter.shape.reduce((product, size) => product * size, 4);
    const bytes = await readExactly(source, TENSORS_FILE, start, start + length);
    const values = new Float32Array(bytes.slice().buffer);
    if (!areFinite(values)) {
      const where = `tensor "best.${parameter.name}" in ${TENSORS_FILE} of ${source.name}`;
      throw new Gpt2Error('invalid-file', `${where} has a weight that is NaN or infinite`);
    }
    best.set(parameter.name, values);
  }
  return best.size > 0 ? best : undefined;
}

function* partBytes(core: TrainCore, part: TrainingPart, parameter: Parameter): Generator<Uint8Array> {
  for (const { firstRow, count } of rowPieces(parameter)) {
    const values = core.read(part, parameter, firstRow, count);
    if (!areFinite(values)) throw diverged(`a number of the ${part} of ${parameter.name}`, Number.NaN);
    yield bytesOf(values);
  }
}

async function fileOf(source: ModelSource, path: string): Promise<SourceFile> {
  const file = (await source.list()).find((listed) => listed.path === path);
  if (file === undefined) throw new Gpt2Error('invalid-file', `${source.name} has no ${path}`);
  return file;
}

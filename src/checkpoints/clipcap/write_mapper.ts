import type { MapperConfig } from '../../architecture/clipcap/config.js';
import { MAPPER_PREFIX, storedMapperWeights } from '../../architecture/clipcap/parameters.js';
import type { LoraAdapter } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { memoryError } from '../../base/memory_error.js';
import { checkTarget } from '../../files/check_target.js';
import type { ModelTarget } from '../../files/target.js';
import { SINGLE_FILE } from '../huggingface/file_names.js';
import { type CheckpointToWrite, modelToWrite, writeModelFiles } from '../huggingface/write_checkpoint.js';
import { writeAdapter } from '../peft/write_adapter.js';
import { safetensorsChunks, type TensorToWrite } from '../safetensors/write.js';

/** A mapper to write. */
export interface MapperToWrite {
  readonly config: MapperConfig;
  /** The numbers of one weight in row order, in chunks of any size. */
  weight(parameter: Parameter): Iterable<Float32Array>;
}

/** Writes a mapper alone: model.safetensors with ClipCap's names, which `loadMapper` finds first. */
export async function writeMapper(target: ModelTarget, mapper: MapperToWrite): Promise<void> {
  await writeFile(target, mapper);
  await target.commit();
}

/** Writes a mapper beside the adapter that was trained with it; `baseModel` as in `writeAdapter`. */
export async function writeMapperAndAdapter(
  target: ModelTarget,
  mapper: MapperToWrite,
  adapter: LoraAdapter,
  baseModel: string | null,
): Promise<void> {
  await writeFile(target, mapper);
  // This commits both, or neither.
  await writeAdapter(target, adapter, baseModel);
}

/** Writes a mapper and the GPT-2 that was trained with it as ClipCap does, in one file. */
export function writeMapperAndModel(
  target: ModelTarget,
  mapper: MapperToWrite,
  model: CheckpointToWrite,
): Promise<void> {
  checkTarget(target);
  const gpt = modelToWrite(model).map((tensor) => ({ ...tensor, name: `gpt.${tensor.name}` }));
  return writeModelFiles(target, model, [...tensorsOf(mapper), ...gpt], Infinity);
}

async function writeFile(target: ModelTarget, mapper: MapperToWrite): Promise<void> {
  checkTarget(target);
  try {
    await target.write(SINGLE_FILE, safetensorsChunks(tensorsOf(mapper)));
  } catch (error) {
    await target.discard();
    throw memoryError(error);
  }
}

function tensorsOf({ config, weight }: MapperToWrite): TensorToWrite[] {
  return storedMapperWeights(config).map(({ name, shape, parts }) => ({
    name: MAPPER_PREFIX + name,
    dtype: 'F32',
    shape,
    *chunks() {
      for (const part of parts) {
        for (const { buffer, byteOffset, byteLength } of weight(part)) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      }
    },
  }));
}

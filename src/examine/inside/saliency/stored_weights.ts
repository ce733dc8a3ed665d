import { addProduct, type LoraPair } from '../../../architecture/gpt2/lora.js';
import { modelParameters, type Parameter } from '../../../architecture/gpt2/parameters.js';
import { throwIfAborted } from '../../../base/errors.js';
import type { WeightLoader } from '../../../checkpoints/weight_loader.js';
import { MATRIX } from '../../../core/abi/model_struct.js';
import { readStruct } from '../../../core/abi/struct.js';
import { readPairs } from '../../../core/adapters/adapter_place.js';
import { rowBytes, Tracer } from '../../../core/hooks/tracer.js';
import type { AdapterHost, ModelCore } from '../../../core/types.js';
import { bytesOf, rowPieces } from '../../../train/state/weight_pieces.js';

/**
 * Passes the weights of a model to a loader as 32-bit numbers: quantized ones as those that they stand for, with the
 * change by adapters added.
 */
export async function passWeights(
  { adapterHost: host, adapterNumbers }: ModelCore,
  loader: WeightLoader,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tracer = await Tracer.of(host);
  const pairs = adapterNumbers && readPairs(host, adapterNumbers);
  for (const parameter of modelParameters(host.config)) {
    await between(host, () => passWeight(tracer, parameter, pairs?.get(parameter.name), loader));
    throwIfAborted(signal, 'reading the weights');
  }
}

/** Runs work while no batch of the model uses its scratch memory. */
function between(core: AdapterHost, work: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    core.between(() => {
      try {
        work();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

function passWeight(
  tracer: Tracer,
  { name, kind, shape }: Parameter,
  pair: LoraPair | undefined,
  loader: WeightLoader,
): void {
  const address = addressOf(tracer, name);
  const width = shape.at(-1)!;
  // Matrices are kept by columns: one [K, N] is passed as the transposed one of a GGUF file, [N, K].
  const passed: Parameter =
    kind === 'conv1d' ? { name, kind: 'linear', shape: [width, shape[0]!] } : { name, kind, shape };
  const columns = passed.shape.at(-1)!;
  for (const { firstRow, count } of rowPieces(passed)) {
    const values = new Float32Array(count * columns);
    for (let row = 0; row < count; row++) {
      values.set(rowAt(tracer, address, passed, firstRow + row), row * columns);
    }
    if (pair !== undefined) addProduct(pair, pair.scale, values, firstRow, false);
    loader.pack(passed, firstRow, count, bytesOf(values), 'F32');
  }
}

/** A row of a vector or of the position embedding, or a column of a matrix in panels; valid until the next one. */
function rowAt(tracer: Tracer, address: number, { kind, shape }: Parameter, row: number): Float32Array {
  const { memory, parts, place, model, outputs, copies, config } = tracer;
  const width = shape.at(-1)!;
  if (kind !== 'linear') return memory.f32(address + rowBytes(width) * row, width);
  // Rows of the hidden layer are wide enough for those that the rows of the residual stream are not.
  const isWide = width > config.channels;
  const out = isWide ? model.hidden : outputs;
  const zeros = isWide ? model.hidden + rowBytes(width) : copies;
  memory.f32(zeros, width).fill(0);
  parts.matrixColumn(place.model, out, address, row, width, zeros);
  return memory.f32(out, width);
}

/** Where a weight lies in the memory of the model. */
function addressOf(tracer: Tracer, name: string): number {
  const { model, view } = tracer;
  const matrix = (address: number) => readStruct(view, address, MATRIX);
  const whole: Readonly<Record<string, number>> = {
    'wte.weight': model.wte,
    'wpe.weight': model.wpe,
    'ln_f.weight': model.finalWeight,
    'ln_f.bias': model.finalBias,
    'lm_head.weight': matrix(model.head).weight,
  };
  const [, index, part, end] = /^h\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (index === undefined) return whole[name]!;
  const layer = tracer.layer(Number(index));
  const vectors: Readonly<Record<string, number>> = {
    'ln_1.weight': layer.ln1Weight,
    'ln_1.bias': layer.ln1Bias,
    'ln_2.weight': layer.ln2Weight,
    'ln_2.bias': layer.ln2Bias,
  };
  const matrices: Readonly<Record<string, number>> = {
    'attn.c_attn': layer.attn,
    'attn.c_proj': layer.proj,
    'mlp.c_fc': layer.fc,
    'mlp.c_proj': layer.out,
  };
  return vectors[`${part}.${end}`] ?? matrix(matrices[part!]!)[end as 'weight' | 'bias'];
}

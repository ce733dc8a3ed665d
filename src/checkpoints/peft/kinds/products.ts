import { Gpt2Error } from '../../../base/errors.js';
import type { StoredTensor } from '../../stored_tensor.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdaptedModule, AdapterTensors } from '../adapter_tensors.js';
import { DenseSum, type MatrixNumbers } from '../changes/dense_sum.js';
import { rankSettings } from '../config_fields.js';

/** LoHa (Hyeon-Woo et al. 2022): the elementwise product of two low-rank matrices. */
export async function readLoha(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  const { rankOf, alphaOf } = rankSettings(tensors.fields, 'alpha', tensors.where);
  for (const module of tensors.modules) {
    const { parameter, name } = module;
    const [rows, columns] = parameter.shape as [number, number];
    const rank = rankOf(name);
    const parts = tensors.partsOf(module, ['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b']);
    const factor = async (a: StoredTensor, b: StoredTensor) =>
      product(await tensors.read(a, [rows, rank]), await tensors.read(b, [rank, columns]), rank, columns);
    const first = await factor(parts.hada_w1_a, parts.hada_w1_b);
    const second = await factor(parts.hada_w2_a, parts.hada_w2_b);
    const scale = alphaOf(name) / rank;
    const numbers: MatrixNumbers = (row, column) => scale * first(row, column) * second(row, column);
    builder.add(parameter.name, new DenseSum('LoHa', parameter, numbers));
  }
}

/** LoKr (Yeh et al. 2023): the Kronecker product of two matrices, each whole or of low rank. */
export async function readLokr(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  const { rankOf, alphaOf } = rankSettings(tensors.fields, 'alpha', tensors.where);
  for (const module of tensors.modules) {
    const { parameter, name } = module;
    const [rows, columns] = parameter.shape as [number, number];
    const rank = rankOf(name);
    const first = await kroneckerFactor(tensors, module, 'lokr_w1', rank);
    const second = await kroneckerFactor(tensors, module, 'lokr_w2', rank);
    if (first.rows * second.rows !== rows || first.columns * second.columns !== columns) {
      throw new Gpt2Error(
        'invalid-file',
        `${tensors.where}: the factors of ${parameter.name} are [${first.rows}, ${first.columns}] and ` +
          `[${second.rows}, ${second.columns}], whose Kronecker product is no [${rows}, ${columns}]`,
      );
    }
    const scale = alphaOf(name) / rank;
    const numbers: MatrixNumbers = (row, column) =>
      scale *
      first.numbers(Math.floor(row / second.rows), Math.floor(column / second.columns)) *
      second.numbers(row % second.rows, column % second.columns);
    builder.add(parameter.name, new DenseSum('LoKr', parameter, numbers));
  }
}

interface Factor {
  readonly rows: number;
  readonly columns: number;
  readonly numbers: MatrixNumbers;
}

async function kroneckerFactor(
  tensors: AdapterTensors,
  module: AdaptedModule,
  name: 'lokr_w1' | 'lokr_w2',
  rank: number,
): Promise<Factor> {
  const { parts } = module;
  const present = [...parts.keys()].filter((part) => part.startsWith('lokr_w'));
  const isWhole = parts.has(name);
  const wanted = isWhole ? [name] : [`${name}_a`, `${name}_b`];
  const others = present.filter((part) => !part.startsWith(name));
  const found = tensors.partsOf(module, [...wanted, ...others]);
  const [a, b] = wanted.map((part) => found[part]!);
  const [rows, columns] = [sizeAt(a!, 0), sizeAt(b ?? a!, 1)];
  if (b === undefined) {
    const values = await tensors.read(a!, [rows, columns]);
    return { rows, columns, numbers: (row, column) => values[row * columns + column]! };
  }
  const [left, right] = [await tensors.read(a!, [rows, rank]), await tensors.read(b, [rank, columns])];
  return { rows, columns, numbers: product(left, right, rank, columns) };
}

const sizeAt = ({ shape }: StoredTensor, axis: number): number => shape[axis] ?? 0;

/** The numbers of a [rows, rank] times a [rank, columns]. */
function product(a: Float32Array, b: Float32Array, rank: number, columns: number): MatrixNumbers {
  return (row, column) => {
    let sum = 0;
    for (let r = 0; r < rank; r++) sum += a[row * rank + r]! * b[r * columns + column]!;
    return sum;
  };
}

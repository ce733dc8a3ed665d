import type { GivenTensor } from './safetensors_of.js';

/** Tensors of a ClipCap mapper by their names without `clip_project.`. */
export type MapperTensors = Readonly<Record<string, GivenTensor>>;

/** The same in single or double precision. */
type Tensors = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float32Array | Float64Array }>
>;

type Rows = readonly (readonly number[])[];

/** A tensor as rows of numbers. */
function rowsOf({ shape, values }: Tensors[string]): Rows {
  const width = shape.at(-1)!;
  return Array.from({ length: values.length / width }, (_, row) => [
    ...values.subarray(row * width, (row + 1) * width),
  ]);
}

const add = (x: readonly number[], y: readonly number[]) => x.map((value, i) => value + y[i]!);
const dot = (x: readonly number[], y: readonly number[]) =>
  x.reduce((sum, value, i) => sum + value * y[i]!, 0);

const relu = (value: number) => Math.max(value, 0);

/**
 * The vectors of a mapper, one after the other, by ClipCap's definition (Mokady et al. 2021) in double precision.
 * `activate` takes the place of ReLU.
 */
export function literalMapper(
  tensors: Tensors,
  features: Float32Array,
  heads: number,
  activate: (value: number) => number = relu,
): number[] {
  const linear = (x: readonly number[], name: string) => {
    const products = rowsOf(tensors[`${name}.weight`]!).map((row) => dot(row, x));
    const bias = tensors[`${name}.bias`];
    return bias === undefined ? products : add(products, [...bias.values]);
  };
  if (tensors.prefix_const === undefined)
    return linear(linear([...features], 'model.0').map(Math.tanh), 'model.2');

  const norm = (x: readonly number[], name: string) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const [weight, bias] = [tensors[`${name}.weight`]!.values, tensors[`${name}.bias`]!.values];
    return x.map((value, c) => ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[c]! + bias[c]!);
  };
  const learned = rowsOf(tensors.prefix_const);
  const C = learned[0]!.length;
  const made = linear([...features], 'linear');
  const given = made.flatMap((_, i) => (i % C === 0 ? [made.slice(i, i + C)] : []));
  let states: Rows = [...given, ...learned];
  for (let index = 0; `transformer.layers.${index}.norm1.weight` in tensors; index++) {
    const layer = `transformer.layers.${index}`;
    const normed = states.map((x) => norm(x, `${layer}.norm1`));
    const queries = normed.map((x) => linear(x, `${layer}.attn.to_queries`));
    const both = normed.map((x) => linear(x, `${layer}.attn.to_keys_values`));
    const size = C / heads;
    const attended = queries.map((query) =>
      Array.from({ length: heads }, (_, head) => {
        const own = (x: readonly number[], from: number) =>
          x.slice(from + head * size, from + (head + 1) * size);
        const scores = both.map((row) => dot(own(query, 0), own(row, 0)) * size ** -0.5);
        const most = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - most));
        const sum = weights.reduce((total, weight) => total + weight);
        return both.map((row, i) => own(row, C).map((value) => (value * weights[i]!) / sum)).reduce(add);
      }).flat(),
    );
    states = states.map((x, i) => add(x, linear(attended[i]!, `${layer}.attn.project`)));
    states = states.map((x) => {
      const inner = linear(norm(x, `${layer}.norm2`), `${layer}.mlp.fc1`);
      return add(x, linear(inner.map(activate), `${layer}.mlp.fc2`));
    });
  }
  return states.slice(given.length).flat();
}

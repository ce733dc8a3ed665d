import { readFileSync } from 'node:fs';
import { split } from '../checkpoints/support.js';

/** Keys and values of each layer at one position, and the hidden state, all [C]. */
interface Position {
  readonly keys: readonly Float64Array[];
  readonly values: readonly Float64Array[];
  readonly hidden: Float64Array;
}

/** GPT-2 by its definition, in double precision, from a folder with float32 weights and gelu_new. */
export class LiteralGpt2 {
  readonly #tensors = new Map<string, Float32Array>();
  readonly #config: { n_embd: number; n_head: number; n_layer: number; layer_norm_epsilon: number };
  /** All positions that were evaluated, by the tokens up to and including them. */
  readonly #known = new Map<string, Position>();

  constructor(folder: URL) {
    this.#config = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8'));
    const { header, data } = split(readFileSync(new URL('model.safetensors', folder)));
    for (const [name, { data_offsets }] of Object.entries(header)) {
      const bytes = Uint8Array.from(data.subarray(...data_offsets));
      this.#tensors.set(name.replace('transformer.', ''), new Float32Array(bytes.buffer));
    }
  }

  /** The output of the last layer norm at the last of 1 or more tokens [C]. */
  hidden(tokens: readonly number[]): Float64Array {
    return this.#positions(tokens).at(-1)!.hidden;
  }

  /** The logits after 1 or more tokens [V]. */
  logits(tokens: readonly number[]): Float64Array {
    const hidden = this.hidden(tokens);
    const C = hidden.length;
    const embeddings = this.#tensor('wte.weight');
    return Float64Array.from({ length: embeddings.length / C }, (_, id) =>
      dot(hidden, embeddings.subarray(id * C, (id + 1) * C)),
    );
  }

  #tensor(name: string): Float32Array {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  }

  #positions(tokens: readonly number[]): Position[] {
    if (tokens.length === 0) return [];
    const before = this.#positions(tokens.slice(0, -1));
    const key = tokens.join();
    const position = this.#known.get(key) ?? this.#evaluate(tokens.at(-1)!, before);
    this.#known.set(key, position);
    return [...before, position];
  }

  #evaluate(token: number, before: readonly Position[]): Position {
    const { n_embd: C, n_head, n_layer } = this.#config;
    const at = (name: string, row: number) => this.#tensor(name).subarray(row * C, (row + 1) * C);
    const position = at('wpe.weight', before.length);
    let x = Float64Array.from(at('wte.weight', token), (value, c) => value + position[c]!);
    const keys: Float64Array[] = [];
    const values: Float64Array[] = [];
    for (let layer = 0; layer < n_layer; layer++) {
      const name = `h.${layer}`;
      const qkv = this.#linear(this.#norm(x, `${name}.ln_1`), `${name}.attn.c_attn`);
      keys.push(qkv.slice(C, 2 * C));
      values.push(qkv.slice(2 * C));
      const allKeys = [...before.map((one) => one.keys[layer]!), keys[layer]!];
      const allValues = [...before.map((one) => one.values[layer]!), values[layer]!];
      const attention = new Float64Array(C);
      for (let head = 0; head < n_head; head++) {
        const [from, to] = [(head * C) / n_head, ((head + 1) * C) / n_head];
        const query = qkv.subarray(from, to);
        const weights = allKeys.map((one) =>
          Math.exp(dot(query, one.subarray(from, to)) / Math.sqrt(to - from)),
        );
        const sum = weights.reduce((a, b) => a + b);
        for (let c = from; c < to; c++) {
          attention[c] = weights.reduce((total, weight, t) => total + (weight / sum) * allValues[t]![c]!, 0);
        }
      }
      x = add(x, this.#linear(attention, `${name}.attn.c_proj`));
      const inner = this.#linear(this.#norm(x, `${name}.ln_2`), `${name}.mlp.c_fc`).map(gelu);
      x = add(x, this.#linear(inner, `${name}.mlp.c_proj`));
    }
    return { keys, values, hidden: this.#norm(x, 'ln_f') };
  }

  #norm(x: Float64Array, name: string): Float64Array {
    const [weight, bias] = [this.#tensor(`${name}.weight`), this.#tensor(`${name}.bias`)];
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const rstd = 1 / Math.sqrt(variance + this.#config.layer_norm_epsilon);
    return x.map((value, c) => (value - mean) * rstd * weight[c]! + bias[c]!);
  }

  /** x [K] times the matrix [K, N], plus the bias. */
  #linear(x: Float64Array, name: string): Float64Array {
    const [weight, bias] = [this.#tensor(`${name}.weight`), this.#tensor(`${name}.bias`)];
    const N = bias.length;
    return Float64Array.from(bias, (value, n) =>
      x.reduce((sum, xk, k) => sum + xk * weight[k * N + n]!, value),
    );
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, i) => value + b[i]!);
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

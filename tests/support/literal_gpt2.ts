import { readFileSync } from 'node:fs';
import { split } from '../checkpoints/support.js';
import { add } from './literal_layers.js';

/** Keys and values of each layer at one position, and the hidden state, all [C]. */
interface Position {
  readonly keys: readonly Float64Array[];
  readonly values: readonly Float64Array[];
  readonly hidden: Float64Array;
}

/** Sees numbers at a hook of a position, [width] or [heads, width], and may change them. */
type Hook = (name: string, position: number, numbers: Float64Array) => void;

interface Config {
  readonly n_embd: number;
  readonly n_head: number;
  readonly n_layer: number;
  readonly layer_norm_epsilon: number;
  readonly activation_function: string;
  readonly scale_attn_weights?: boolean;
  readonly scale_attn_by_inverse_layer_idx?: boolean;
}

/**
 * GPT-2 by its definition, in double precision, from a folder or files with float32 weights; with cross-attention to
 * `states`, each [C], if there are some.
 */
export class LiteralGpt2 {
  readonly #hook: Hook;
  readonly #tensors = new Map<string, Float32Array>();
  readonly #config: Config;
  /** All positions that were evaluated, by the tokens up to and including them. */
  readonly #known = new Map<string, Position>();
  /** Keys and values of the states in each layer. */
  readonly #memory: { readonly keys: Float64Array[]; readonly values: Float64Array[] }[] = [];

  constructor(
    source: URL | Readonly<Record<string, Uint8Array>>,
    hook: Hook = () => {},
    states: readonly Float64Array[] = [],
  ) {
    this.#hook = hook;
    const read = (name: string) =>
      source instanceof URL ? readFileSync(new URL(name, source)) : source[name]!;
    this.#config = JSON.parse(new TextDecoder().decode(read('config.json')));
    const { header, data } = split(read('model.safetensors'));
    for (const [name, { data_offsets }] of Object.entries(header)) {
      const bytes = Uint8Array.from(data.subarray(...data_offsets));
      this.#tensors.set(name.replace('transformer.', ''), new Float32Array(bytes.buffer));
    }
    if (states.length === 0) return;
    const { n_layer, n_embd } = this.#config;
    for (let layer = 0; layer < n_layer; layer++) {
      const kv = states.map((state) => this.#linear(state, `h.${layer}.crossattention.c_attn`));
      const [keys, values] = [kv.map((row) => row.slice(0, n_embd)), kv.map((row) => row.slice(n_embd))];
      this.#memory.push({ keys, values });
    }
  }

  /** The output of the last layer norm at the last of 1 or more tokens [C]. */
  hidden(tokens: readonly number[]): Float64Array {
    return this.#positions(tokens).at(-1)!.hidden;
  }

  /** The logits after 1 or more tokens [V]. */
  logits(tokens: readonly number[]): Float64Array {
    return this.#head(this.hidden(tokens));
  }

  #head(hidden: Float64Array): Float64Array {
    const C = hidden.length;
    const embeddings = this.#tensors.get('lm_head.weight') ?? this.#tensor('wte.weight');
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
    const { n_embd: C, n_head, n_layer, scale_attn_weights, scale_attn_by_inverse_layer_idx } = this.#config;
    const activation = ACTIVATIONS[this.#config.activation_function]!;
    const at = (name: string, row: number) => this.#tensor(name).subarray(row * C, (row + 1) * C);
    const hooked = (name: string, numbers: Float64Array) => {
      this.#hook(name, before.length, numbers);
      return numbers;
    };
    const embedding = hooked('hook_embed', Float64Array.from(at('wte.weight', token)));
    const position = hooked('hook_pos_embed', Float64Array.from(at('wpe.weight', before.length)));
    let x = add(embedding, position);
    const keys: Float64Array[] = [];
    const values: Float64Array[] = [];
    for (let layer = 0; layer < n_layer; layer++) {
      const name = `h.${layer}`;
      const hook = (point: string, numbers: Float64Array) => hooked(`blocks.${layer}.${point}`, numbers);
      const norm = (at: string, point: string) =>
        this.#norm(x, `${name}.${at}`, (part, numbers) => hook(`${point}.${part}`, numbers));
      const resid = (point: string) => {
        hook(point, x);
        hook(`${point}.logits`, this.#head(this.#norm(x, 'ln_f', () => {})));
      };
      resid('hook_resid_pre');
      const qkv = this.#linear(norm('ln_1', 'ln1'), `${name}.attn.c_attn`);
      const queries = hook('attn.hook_q', qkv.slice(0, C));
      keys.push(hook('attn.hook_k', qkv.slice(C, 2 * C)));
      values.push(hook('attn.hook_v', qkv.slice(2 * C)));
      const allKeys = [...before.map((one) => one.keys[layer]!), keys[layer]!];
      const allValues = [...before.map((one) => one.values[layer]!), values[layer]!];
      const seen = allKeys.length;
      const divisor =
        (scale_attn_weights === false ? 1 : Math.sqrt(C / n_head)) *
        (scale_attn_by_inverse_layer_idx === true ? layer + 1 : 1);
      const scores = new Float64Array(n_head * seen);
      const attention = new Float64Array(C);
      const bounds = (head: number) => [(head * C) / n_head, ((head + 1) * C) / n_head] as const;
      for (let head = 0; head < n_head; head++) {
        const [from, to] = bounds(head);
        const query = queries.subarray(from, to);
        allKeys.forEach((one, t) => {
          scores[head * seen + t] = dot(query, one.subarray(from, to)) / divisor;
        });
      }
      hook('attn.hook_attn_scores', scores);
      const pattern = new Float64Array(n_head * seen);
      for (let head = 0; head < n_head; head++) {
        const weights = scores.subarray(head * seen, (head + 1) * seen).map(Math.exp);
        const sum = weights.reduce((a, b) => a + b);
        weights.forEach((weight, t) => {
          pattern[head * seen + t] = weight / sum;
        });
      }
      hook('attn.hook_pattern', pattern);
      for (let head = 0; head < n_head; head++) {
        const [from, to] = bounds(head);
        const weights = pattern.subarray(head * seen, (head + 1) * seen);
        for (let c = from; c < to; c++) {
          attention[c] = weights.reduce((total, weight, t) => total + weight * allValues[t]![c]!, 0);
        }
      }
      hook('attn.hook_z', attention);
      const projection = this.#tensor(`${name}.attn.c_proj.weight`);
      const results = new Float64Array(n_head * C);
      for (let head = 0; head < n_head; head++) {
        const [from, to] = bounds(head);
        for (let k = from; k < to; k++) {
          for (let c = 0; c < C; c++) results[head * C + c]! += attention[k]! * projection[k * C + c]!;
        }
      }
      hook('attn.hook_result', results);
      x = add(x, hook('hook_attn_out', this.#linear(attention, `${name}.attn.c_proj`)));
      const memory = this.#memory[layer];
      if (memory) {
        const query = this.#linear(norm('ln_cross_attn', 'ln_cross'), `${name}.crossattention.q_attn`);
        const attended = this.#attend(query, memory.keys, memory.values, divisor, (weights) =>
          hook('cross.pattern', weights),
        );
        x = add(x, this.#linear(attended, `${name}.crossattention.c_proj`));
      }
      resid('hook_resid_mid');
      const pre = hook('mlp.hook_pre', this.#linear(norm('ln_2', 'ln2'), `${name}.mlp.c_fc`));
      const inner = hook('mlp.hook_post', pre.map(activation));
      x = add(x, hook('hook_mlp_out', this.#linear(inner, `${name}.mlp.c_proj`)));
      resid('hook_resid_post');
    }
    const hidden = this.#norm(x, 'ln_f', (part, numbers) => hooked(`ln_final.${part}`, numbers));
    return { keys, values, hidden };
  }

  /** Attention of a query [C] to all of some keys and values; `see` gets its weights [heads, keys]. */
  #attend(
    query: Float64Array,
    keys: readonly Float64Array[],
    values: readonly Float64Array[],
    divisor: number,
    see: (weights: Float64Array) => void,
  ): Float64Array {
    const { n_embd: C, n_head } = this.#config;
    const size = C / n_head;
    const out = new Float64Array(C);
    const all = new Float64Array(n_head * keys.length);
    for (let head = 0; head < n_head; head++) {
      const [from, to] = [head * size, (head + 1) * size];
      const part = query.subarray(from, to);
      const scores = keys.map((key) => dot(part, key.subarray(from, to)) / divisor);
      const largest = Math.max(...scores);
      const exps = scores.map((score) => Math.exp(score - largest));
      const sum = exps.reduce((a, b) => a + b);
      const weights = exps.map((exp) => exp / sum);
      all.set(weights, head * keys.length);
      for (let c = from; c < to; c++) {
        out[c] = weights.reduce((total, weight, t) => total + weight * values[t]![c]!, 0);
      }
    }
    see(all);
    return out;
  }

  #norm(x: Float64Array, name: string, hook: (part: string, numbers: Float64Array) => void): Float64Array {
    const [weight, bias] = [this.#tensor(`${name}.weight`), this.#tensor(`${name}.bias`)];
    const mean = x.reduce((a, b) => a + b) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const scale = Float64Array.of(Math.sqrt(variance + this.#config.layer_norm_epsilon));
    hook('hook_scale', scale);
    const normalized = x.map((value, c) => ((value - mean) / scale[0]!) * weight[c]! + bias[c]!);
    hook('hook_normalized', normalized);
    return normalized;
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

/** By the names of transformers. */
const ACTIVATIONS: Readonly<Record<string, (x: number) => number>> = {
  gelu_new: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

/** By its integral, with Simpson's rule. */
function erf(x: number): number {
  const steps = 200;
  const end = Math.min(6, Math.abs(x));
  const at = (i: number) => Math.exp(-(((i * end) / steps) ** 2));
  let sum = at(0) + at(steps);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * at(i);
  return (Math.sign(x) * 2 * sum * end) / (3 * steps * Math.sqrt(Math.PI));
}

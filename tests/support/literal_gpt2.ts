import { readFileSync } from 'node:fs';
import { split } from '../checkpoints/support.js';

/** Keys and values of each layer at one position, and the hidden state, all [C]. */
interface Position {
  readonly keys: readonly Float64Array[];
  readonly values: readonly Float64Array[];
  readonly hidden: Float64Array;
}

/** Sees numbers at a hook of a position, [width] or [heads, width], and may change them. */
type Hook = (name: string, position: number, numbers: Float64Array) => void;

/** GPT-2 by its definition, in double precision, from a folder with float32 weights and gelu_new. */
export class LiteralGpt2 {
  readonly #hook: Hook;
  readonly #tensors = new Map<string, Float32Array>();
  readonly #config: { n_embd: number; n_head: number; n_layer: number; layer_norm_epsilon: number };
  /** All positions that were evaluated, by the tokens up to and including them. */
  readonly #known = new Map<string, Position>();

  constructor(folder: URL, hook: Hook = () => {}) {
    this.#hook = hook;
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
      hook('hook_resid_pre', x);
      const qkv = this.#linear(norm('ln_1', 'ln1'), `${name}.attn.c_attn`);
      const queries = hook('attn.hook_q', qkv.slice(0, C));
      keys.push(hook('attn.hook_k', qkv.slice(C, 2 * C)));
      values.push(hook('attn.hook_v', qkv.slice(2 * C)));
      const allKeys = [...before.map((one) => one.keys[layer]!), keys[layer]!];
      const allValues = [...before.map((one) => one.values[layer]!), values[layer]!];
      const seen = allKeys.length;
      const scores = new Float64Array(n_head * seen);
      const attention = new Float64Array(C);
      const bounds = (head: number) => [(head * C) / n_head, ((head + 1) * C) / n_head] as const;
      for (let head = 0; head < n_head; head++) {
        const [from, to] = bounds(head);
        const query = queries.subarray(from, to);
        allKeys.forEach((one, t) => {
          scores[head * seen + t] = dot(query, one.subarray(from, to)) / Math.sqrt(to - from);
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
      x = add(x, hook('hook_attn_out', this.#linear(attention, `${name}.attn.c_proj`)));
      hook('hook_resid_mid', x);
      const pre = hook('mlp.hook_pre', this.#linear(norm('ln_2', 'ln2'), `${name}.mlp.c_fc`));
      const inner = hook('mlp.hook_post', pre.map(gelu));
      x = add(x, hook('hook_mlp_out', this.#linear(inner, `${name}.mlp.c_proj`)));
      hook('hook_resid_post', x);
    }
    const hidden = this.#norm(x, 'ln_f', (part, numbers) => hooked(`ln_final.${part}`, numbers));
    return { keys, values, hidden };
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

function add(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, i) => value + b[i]!);
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

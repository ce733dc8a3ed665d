import { PANEL, padded } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { WeightedAdapter } from '../../architecture/gpt2/lora.js';
import { LORA_TARGETS, type LoraPair, targetParameters } from '../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../base/errors.js';
import { LARGEST_F32 } from '../../base/finite.js';
import { type AdapterAddresses, adaptersBytes, writeAdapters } from '../abi/adapter_struct.js';
import { BATCH_ROWS } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import type { AdapterHost, AdapterNumbers } from '../types.js';

/**
 * All LoRA pairs of one matrix as a single pair, whose rank is the sum of their ranks; B is multiplied by
 * each factor.
 */
interface Stack {
  readonly name: string;
  readonly K: number;
  readonly N: number;
  readonly rank: number;
  readonly parts: readonly { readonly pair: LoraPair; readonly factor: number }[];
}

function stacksOf(config: ModelConfig, adapters: readonly WeightedAdapter[]): Stack[] {
  return targetParameters(config, LORA_TARGETS).flatMap(({ name, shape }) => {
    const parts = adapters.flatMap(({ adapter, weight }) => {
      const pair = adapter.pairs.get(name);
      return pair === undefined ? [] : [{ pair, factor: weight * pair.scale }];
    });
    const rank = parts.reduce((sum, { pair }) => sum + pair.rank, 0);
    const [K, N] = shape as [number, number];
    return rank === 0 ? [] : [{ name, K, N, rank, parts }];
  });
}

/** Adapters before they are written to core memory. */
export interface AdapterPlan {
  readonly bytes: number;
  /** Where the numbers of the adapters begin, up to the end. */
  readonly start: number;
  /** The matrices that change, and the ranks. */
  readonly description: string;
  /** Writes the array of adapters and then the adapters themselves at `address`, `bytes` in all. */
  write(memory: CoreMemory, address: number): void;
}

/**
 * Plans the sum of adapters as one low-rank change of each matrix. Throws `invalid-file`, naming the matrix,
 * if the change could overflow.
 */
export function planAdapters(config: ModelConfig, adapters: readonly WeightedAdapter[]): AdapterPlan {
  const stacks = stacksOf(config, adapters);
  for (const stack of stacks) checkRange(stack);
  const most = Math.max(0, ...stacks.map(({ rank }) => rank));
  const xa = adaptersBytes(config);
  const start = xa + 4 * BATCH_ROWS * padded(most);
  let bytes = start;
  const fields = new Map<string, AdapterAddresses>();
  for (const { name, K, N, rank } of stacks) {
    const b = bytes + 4 * K * padded(rank);
    fields.set(name, { a: bytes, b, rank, xa });
    bytes = b + 4 * rank * padded(N);
  }
  return {
    bytes,
    start,
    description: JSON.stringify(stacks.map(({ name, rank }) => [name, rank])),
    write(memory, address) {
      for (const stack of stacks) {
        const { a, b, rank } = fields.get(stack.name)!;
        const { K, N } = stack;
        fill(memory.f32(address + a, K * padded(rank)), memory.f32(address + b, rank * padded(N)), stack);
      }
      const view = new DataView(memory.memory.buffer);
      writeAdapters(view, address, config, (name) => {
        const at = fields.get(name);
        return at && { a: address + at.a, b: address + at.b, rank: at.rank, xa: address + at.xa };
      });
    },
  };
}

/** The pair of each changed matrix by its name, from the numbers of adapters that a plan has written. */
export function readPairs(
  { config, memory }: AdapterHost,
  { description, region }: AdapterNumbers,
): Map<string, LoraPair> {
  const ranks = new Map<string, number>(JSON.parse(description));
  const pairs = new Map<string, LoraPair>();
  let address = region.address;
  for (const { name, shape } of targetParameters(config, LORA_TARGETS)) {
    const rank = ranks.get(name);
    if (rank === undefined) continue;
    const [K, N] = shape as [number, number];
    const [sizeA, sizeB] = [K * padded(rank), rank * padded(N)];
    const panelsA = memory.f32(address, sizeA);
    const panelsB = memory.f32(address + 4 * sizeA, sizeB);
    const [a, b] = [new Float32Array(rank * K), new Float32Array(N * rank)];
    for (let r = 0; r < rank; r++) {
      for (let k = 0; k < K; k++) a[r * K + k] = panelsA[placeIn(K, k, r)]!;
      for (let n = 0; n < N; n++) b[n * rank + r] = panelsB[placeIn(rank, r, n)]!;
    }
    pairs.set(name, { name, K, N, rank, scale: 1, a, b });
    address += 4 * (sizeA + sizeB);
  }
  return pairs;
}

/** Throws if an element of factor * B, or the largest possible element of A x B, overflows f32. */
function checkRange({ name, K, N, parts }: Stack): void {
  let bound = 0;
  for (const { pair, factor } of parts) {
    for (let r = 0; r < pair.rank; r++) {
      let [mostA, mostB] = [0, 0];
      for (let k = 0; k < K; k++) mostA = Math.max(mostA, Math.abs(pair.a[r * K + k]!));
      for (let n = 0; n < N; n++) mostB = Math.max(mostB, Math.abs(factor * pair.b[n * pair.rank + r]!));
      bound = Math.max(bound + mostA * mostB, mostB);
    }
  }
  if (bound <= LARGEST_F32) return;
  throw new Gpt2Error(
    'invalid-file',
    `the change of ${name} by the adapters overflows: their numbers, or their weights, are too large`,
  );
}

/** Fills in A [K, rank] and B [rank, N] in panels. */
function fill(a: Float32Array, b: Float32Array, { K, N, rank, parts }: Stack): void {
  a.fill(0);
  b.fill(0);
  let column = 0;
  for (const { pair, factor } of parts) {
    for (let r = 0; r < pair.rank; r++, column++) {
      for (let k = 0; k < K; k++) a[placeIn(K, k, column)] = pair.a[r * K + k]!;
      for (let n = 0; n < N; n++) b[placeIn(rank, column, n)] = factor * pair.b[n * pair.rank + r]!;
    }
  }
}

/** Index of a matrix element in its panels; the matrix has `rows` rows. */
function placeIn(rows: number, row: number, column: number): number {
  return (Math.floor(column / PANEL) * rows + row) * PANEL + (column % PANEL);
}

import { padded } from '../../../assembly/abi.js';
import { SQUARES_CHUNK, TRANSPOSED_LENGTH } from '../../../assembly/training/abi.js';
import { matrixSizes } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { type StructLayout, structBytes, writeStruct } from '../abi/struct.js';

/** Decay of Muon's first moment. */
const MOMENTUM = 0.95;
/**
 * The root mean square of an update is this times the learning rate, as AdamW's usually is (Liu et al. 2025, "Muon is
 * Scalable for LLM Training"), so that both take the same learning rate.
 */
const UPDATE_SIZE = 0.2;

/** Matrices that lie side by side in one weight of a layer; each is orthogonalized by itself. */
const SIDE_BY_SIDE: readonly [end: string, count: number][] = [
  ['.crossattention.c_attn.weight', 2],
  ['.attn.c_attn.weight', 3],
];

/** Matrices and buffers of Muon. */
export const MUON = {
  matrices: 'u32',
  count: 'u32',
  weightBytes: 'u32',
  momentum: 'f32',
  oneMinusMomentum: 'f32',
  iterate: 'u32',
  next: 'u32',
  gram: 'u32',
  polynomial: 'u32',
  transposed: 'u32',
  partials: 'u32',
} as const satisfies StructLayout;

/** A matrix that Muon orthogonalizes: some columns of a weight. */
export const MUON_MATRIX = {
  weight: 'u32',
  K: 'u32',
  firstColumn: 'u32',
  columns: 'u32',
  scale: 'f32',
} as const satisfies StructLayout;

interface MuonMatrix {
  /** The weight's name. */
  readonly name: string;
  readonly K: number;
  readonly firstColumn: number;
  readonly columns: number;
}

/** Whether Muon updates a weight, if it is the optimizer: a matrix inside the layers, but no adapter's. */
export function isMuonWeight({ name, kind }: Parameter): boolean {
  const isMatrix = kind === 'conv1d' || kind === 'linear';
  return isMatrix && /(^|\.)(h|layer|layers)\.\d+\..+\.weight$/.test(name) && !name.includes('.lora_');
}

/** The matrices of weights, in order. */
function muonMatrices(weights: readonly Parameter[]): MuonMatrix[] {
  return weights.flatMap((weight) => {
    const { name } = weight;
    const [K, N] = matrixSizes(weight);
    const [, count] = SIDE_BY_SIDE.find(([end]) => `.${name}`.endsWith(end)) ?? ['', 1];
    const columns = N / count;
    return Array.from({ length: count }, (_, i) => ({ name, K, firstColumn: i * columns, columns }));
  });
}

/** Bytes of a MUON and its array of MUON_MATRIX; 0 without weights. */
export function muonStructBytes(weights: readonly Parameter[]): number {
  return weights.length === 0
    ? 0
    : structBytes(MUON) + muonMatrices(weights).length * structBytes(MUON_MATRIX);
}

/** Bytes of the buffers of Muon; the names are fields of MUON. */
export function muonBufferBytes(weights: readonly Parameter[]) {
  const sides = muonMatrices(weights).map(({ K, columns }) => [Math.max(K, columns), Math.min(K, columns)]);
  const most = (bytes: (longer: number, shorter: number) => number) =>
    sides.reduce((sum, [n, m]) => Math.max(sum, bytes(n!, m!)), 0);
  const iterate = most((n, m) => 4 * n * padded(m));
  const gram = most((_, m) => 4 * m * padded(m));
  return {
    ...{ iterate, next: iterate, gram, polynomial: gram },
    transposed: most((_, m) => 4 * TRANSPOSED_LENGTH * padded(m)),
    partials: 8 * Math.ceil(iterate / 4 / SQUARES_CHUNK),
  };
}

/** Addresses of Muon's structures and buffers, and the weights that it updates. */
export interface MuonPlaces {
  /** MUON, with its array of MUON_MATRIX. */
  readonly muon: number;
  readonly buffers: Readonly<Record<keyof ReturnType<typeof muonBufferBytes>, number>>;
  readonly weights: readonly Parameter[];
  /** Bytes of these weights, which are the first of the trained ones. */
  readonly weightBytes: number;
}

/** Writes a MUON and its array of MUON_MATRIX. */
export function writeMuon(
  view: DataView,
  { muon, buffers, weights, weightBytes }: MuonPlaces,
  weightAt: (name: string) => number,
): void {
  const matrices = muonMatrices(weights);
  const first = muon + structBytes(MUON);
  writeStruct(view, muon, MUON, {
    ...{ matrices: first, count: matrices.length, weightBytes, ...buffers },
    ...{ momentum: MOMENTUM, oneMinusMomentum: 1 - MOMENTUM },
  });
  for (const [i, { name, K, firstColumn, columns }] of matrices.entries()) {
    const scale = UPDATE_SIZE * Math.sqrt(Math.max(K, columns));
    const fields = { weight: weightAt(name), K, firstColumn, columns, scale };
    writeStruct(view, first + i * structBytes(MUON_MATRIX), MUON_MATRIX, fields);
  }
}

export interface ProbedUse {
  readonly heap: number;
  readonly external: number;
  readonly wasm: number;
  readonly threadHeap: number;
  readonly threadExternal: number;
  readonly workers: number;
  readonly resources: number;
}

export function read(): Promise<ProbedUse>;

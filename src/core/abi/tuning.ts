import type { CoreExports } from './exports.js';

/** Which forms of the kernels suit this engine; the choice changes no result. */
export interface Tuning {
  readonly tallTiles: boolean;
  readonly dotAdd: boolean;
}

/** To be called before the first forward pass of an instance. */
export function tune(core: CoreExports, { tallTiles, dotAdd }: Tuning): void {
  core.allowTallTiles(tallTiles);
  core.preferDotAdd(dotAdd);
}

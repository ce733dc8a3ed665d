import { MAPPER_PREFIX } from '../../architecture/clipcap/parameters.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { fillNormal, fillUniform } from '../initialize.js';
import { rowPieces } from '../state/weight_pieces.js';

/**
 * Writes the initial weights of a mapper as PyTorch gives them to ClipCap's: matrices and their biases are uniform in
 * +-1 / sqrt(inputs) (He et al. 2015, with the slope sqrt(5)), learned vectors normal with a standard deviation of 1,
 * gains of norms 1 and their biases 0.
 */
export function initializeMapper(core: TrainCore, seed: number): void {
  let inputs = 1;
  core.parameters.forEach((parameter, index) => {
    const { name, kind, shape } = parameter;
    if (!name.startsWith(MAPPER_PREFIX)) return;
    const columns = shape.at(-1)!;
    if (kind === 'linear') inputs = columns;
    for (const { firstRow, count } of rowPieces(parameter)) {
      const values = new Float32Array(count * columns);
      const first = firstRow * columns;
      if (kind === 'rows') fillNormal(values, [seed, index], first, 1);
      else if (!/\.norm\d\./.test(name)) {
        // A bias follows its matrix.
        fillUniform(values, [seed, index], first, 1 / Math.sqrt(inputs));
      } else if (name.endsWith('.weight')) values.fill(1);
      core.write('weights', parameter, values, firstRow);
    }
  });
}

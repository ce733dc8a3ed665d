import { invalidOption } from '../base/check_options.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';

const POSITIONS = 'wpe.weight';

/**
 * A checkpoint whose sequences have at most `contextLength` positions; the embeddings of later ones are not
 * read. Throws `invalid-option` if it is not an integer from 1 to the model's own length.
 */
export function shortenContext(checkpoint: Checkpoint, contextLength: number): Checkpoint {
  const { config, tensors } = checkpoint;
  const most = config.contextLength;
  if (!Number.isInteger(contextLength) || contextLength < 1 || contextLength > most) {
    throw invalidOption('contextLength', contextLength, `an integer from 1 to ${most}, the model's own`);
  }
  const stored = tensors.get(POSITIONS)!;
  const end = stored.start + contextLength * ((stored.end - stored.start) / most);
  const parameter = { ...stored.parameter, shape: [contextLength, config.channels] };
  return {
    ...checkpoint,
    config: { ...config, contextLength },
    tensors: new Map([...tensors, [POSITIONS, { ...stored, parameter, end }]]),
    totalBytes: checkpoint.totalBytes - (stored.end - end),
  };
}

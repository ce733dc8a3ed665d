import { Gpt2Error } from '../../base/errors.js';

/**
 * The hub's own package, which is loaded only once a model's id is given. Throws `runtime` if it is missing.
 */
export async function importHub(): Promise<typeof import('@huggingface/hub')> {
  try {
    return await import('@huggingface/hub');
  } catch (cause) {
    throw new Gpt2Error(
      'runtime',
      'the package @huggingface/hub, which finds models by their id, cannot be loaded; run npm install @huggingface/hub',
      { cause },
    );
  }
}

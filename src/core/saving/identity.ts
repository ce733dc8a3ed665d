import { hex, Murmur128 } from '../../base/murmur.js';
import { nextTask } from '../../base/next_task.js';
import type { CoreMemory } from '../memory.js';
import type { AdapterHost, ModelCore, Region } from '../types.js';

/** Raised whenever keys and values are stored in another way, or the kernels compute other bits. */
const VERSION = 1;

/** Words that are hashed in one go: some milliseconds. */
const SLICE = 1 << 22;

/** All that the bits of keys and values depend on; each field is a text to compare and to show. */
export interface CoreIdentity {
  readonly version: string;
  readonly build: string;
  readonly weights: string;
  readonly kvCache: string;
  /** Hash of config and packed weights. */
  readonly model: string;
  /** Hash of the adapters beside the weights; empty if there are none. */
  readonly adapters: string;
}

/** Computed once for each model. */
const models = new WeakMap<AdapterHost, Promise<string>>();

export async function identityOf(core: ModelCore): Promise<CoreIdentity> {
  const { build, weights, kvCache, adapterHost: host, adapterNumbers } = core;
  let model = models.get(host);
  if (model === undefined) {
    model = hashOf(host.memory, JSON.stringify(host.config), host.packedWeights);
    models.set(host, model);
  }
  return {
    version: `${VERSION}`,
    build,
    weights,
    kvCache,
    model: await model,
    adapters: adapterNumbers
      ? await hashOf(host.memory, adapterNumbers.description, adapterNumbers.region)
      : '',
  };
}

/**
 * How the model that made something differs from the one that is to read it, as words after "it was made";
 * empty if it does not.
 */
export function differencesOf(made: CoreIdentity, own: CoreIdentity): string {
  if (made.version !== own.version) return 'by another version of gpt2-wasm';
  const differences: string[] = [];
  const { model, adapters } = made;
  if (made.build !== own.build)
    differences.push(`by the build ${made.build}, and this model runs ${own.build}`);
  for (const name of ['weights', 'kvCache'] as const) {
    if (made[name] !== own[name])
      differences.push(`with ${name} in ${made[name]}, and this model has ${own[name]}`);
  }
  // Other formats are other bytes, also of the same model.
  if (made.weights === own.weights && model !== own.model)
    differences.push('by another model or context length');
  if (adapters !== own.adapters) {
    differences.push(adapters === '' ? 'without adapters, and this model has some' : 'with other adapters');
  }
  return differences.join(', ');
}

/** The hash of a text and of a region in memory, which is computed while others have their turns. */
async function hashOf(memory: CoreMemory, text: string, { address, bytes }: Region): Promise<string> {
  const hash = new Murmur128();
  hash.add(Int32Array.from({ length: 4 * Math.ceil(text.length / 4) }, (_, i) => text.charCodeAt(i)));
  const words = bytes / 4;
  for (let first = 0; first < words; first += SLICE) {
    await nextTask();
    hash.add(memory.i32(address + 4 * first, Math.min(SLICE, words - first)));
  }
  return hex(hash.digest());
}

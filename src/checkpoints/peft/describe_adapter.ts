import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ModelSource } from '../../files/source.js';
import { isTaskHead } from '../huggingface/names.js';
import { openAdapter } from './adapter_parts.js';
import { checkKind } from './read_adapter.js';
import { isSoftPrompt } from './soft_prompt_types.js';
import { parseTensorName } from './tensor_name.js';

/** Facts about an adapter that need no model. */
export interface AdapterInfo {
  /** PEFT's name of the kind, `LORA`, and settings that change it. */
  readonly kind: string;
  /** The model that it was made for, if the config names one. */
  readonly baseModel: string | null;
  readonly rank: number | null;
  readonly alpha: number | null;
  /** Names of the modules and parameters that it changes, with `*` for the number of a layer, and how many of each. */
  readonly changes: Readonly<Record<string, number>>;
  /** Numbers in all tensors. */
  readonly parameters: number;
  readonly storedBytes: number;
  /** `beside`: beside the weights or merged; `merged`: only merged; `prompt`: a soft prompt; `refused`. */
  readonly runs: 'beside' | 'merged' | 'prompt' | 'refused';
  /** Why it is refused. */
  readonly reason: string | null;
}

const BESIDE = new RegExp(
  `^(?:transformer\\.)?h\\.\\*\\.(?:${LORA_TARGETS.join('|').replaceAll('.', '\\.')})$`,
);

/** Settings of LoRA that are worth a word. */
const SETTINGS: Readonly<Record<string, string>> = {
  use_dora: 'DoRA',
  use_rslora: 'rank-stabilized',
  lora_bias: 'with biases',
};

/** Describes an adapter by its config and headers. Throws `not-found` and `invalid-file`. */
export async function describeAdapter(source: ModelSource, signal?: AbortSignal): Promise<AdapterInfo> {
  const { fields, where, tensors } = await openAdapter(source, signal);
  const { tensors: stored } = await tensors();
  const changed = new Map<string, Set<string>>();
  let isBeside = fields.use_dora !== true;
  for (const { name } of stored) {
    const parsed = parseTensorName(name.slice(0, 1000));
    const { module, part, leaf } = parsed ?? { module: name, part: name, leaf: 'weight' };
    const place = module.replace(/\bh\.\d+\./, 'h.*.');
    const isPair = BESIDE.test(place) && /^lora_[ABE]$/.test(part ?? '') && leaf === 'weight';
    isBeside &&= isPair || (part === undefined && isTaskHead({ name: `${module}.${leaf}` }));
    const key = part === undefined ? `${place}.${leaf}` : place;
    changed.set(key, (changed.get(key) ?? new Set()).add(module));
  }
  const numbers = (name: string) => (Number.isFinite(fields[name]) ? (fields[name] as number) : null);
  const settings = Object.keys(SETTINGS).filter((name) => fields[name] === true);
  const base = fields.base_model_name_or_path;
  const reason = reasonOf(() => checkKind(fields, where));
  const runs = isBeside ? 'beside' : 'merged';
  return {
    kind: [String(fields.peft_type), ...settings.map((name) => SETTINGS[name])].join(', '),
    baseModel: typeof base === 'string' && base !== '' ? base : null,
    rank: numbers(fields.peft_type === 'ADALORA' ? 'init_r' : 'r'),
    alpha: numbers('lora_alpha') ?? numbers('alpha'),
    changes: Object.fromEntries([...changed].map(([place, modules]) => [place, modules.size])),
    parameters: stored.reduce(
      (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    ),
    storedBytes: stored.reduce((sum, { start, end }) => sum + end - start, 0),
    runs: isSoftPrompt(fields) ? 'prompt' : reason === null ? runs : 'refused',
    reason: isSoftPrompt(fields) ? null : reason,
  };
}

function reasonOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof Gpt2Error) return error.message;
    throw error;
  }
}

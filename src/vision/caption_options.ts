import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { GENERATE_DEFAULTS, type GenerateOptions, RARE_DEFAULTS } from '../generate/options.js';
import { resolveOptions } from '../generate/resolve_options.js';
import type { CaptionOptions } from './caption.js';

/** Captions are short; a model that never ends one must stop somewhere. */
const MAX_TOKENS = 64;

/** Options of `generate` that a caption does not have: they are about a text before, or its inputs. */
const NOT_OF_CAPTIONS = new Set<string>([
  'inputs',
  'heal',
  'edit',
  'guidance',
  'negativePrompt',
  'experts',
] satisfies (keyof GenerateOptions)[]);
/** The names of the options of a caption. */
export const CAPTION_OPTION_NAMES: readonly string[] = [
  ...Object.keys({ ...GENERATE_DEFAULTS, ...RARE_DEFAULTS }),
  ...['stop', 'ignoreEos', 'seed', 'logprobs', 'priority', 'signal', 'allowedSpecial', 'prompt', 'attention'],
].filter((name) => !NOT_OF_CAPTIONS.has(name));

/** The options of `generate` for a caption, without its signal. Throws `invalid-option`. */
export function generateOptionsOf(options: CaptionOptions, config: ModelConfig): GenerateOptions {
  checkOptionNames('caption', options, CAPTION_OPTION_NAMES);
  const { prompt: _, attention = false, signal: __, ...given } = options;
  if (typeof attention !== 'boolean') throw invalidOption('attention', attention, 'true or false');
  const { beams = 1, penaltyAlpha = 0, n = 1 } = given;
  const isGreedy = beams === 1 && penaltyAlpha === 0 && n === 1;
  const generate: GenerateOptions = {
    ...given,
    maxTokens: given.maxTokens ?? MAX_TOKENS,
    ...(isGreedy && { temperature: given.temperature ?? 0 }),
  };
  resolveOptions(generate, config);
  return generate;
}

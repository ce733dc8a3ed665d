import type { GenerateOptions } from '../generate/options.js';

/**
 * Parameters of requests that are options of a generation: OpenAI's names, and for options that it lacks those of
 * vLLM and llama.cpp.
 */
export const WIRE_NAMES = {
  max_tokens: 'maxTokens',
  min_tokens: 'minTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  min_p: 'minP',
  repetition_penalty: 'repetitionPenalty',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  logit_bias: 'logitBias',
  stop: 'stop',
  ignore_eos: 'ignoreEos',
  seed: 'seed',
  n: 'n',
  logprobs: 'logprobs',
} as const satisfies Readonly<Record<string, keyof GenerateOptions>>;

export type WireName = keyof typeof WIRE_NAMES;

const ENTRIES = Object.entries(WIRE_NAMES);
const WIRE_OF: ReadonlyMap<string, string> = new Map(ENTRIES.map(([wire, option]) => [option, wire]));
// A name of several words cannot be prose.
const RENAMED = ENTRIES.filter(([wire, option]) => wire !== option).map(([, option]) => option);
const NAME = new RegExp(`(?<!\\w)(${RENAMED.join('|')})(?!\\w)`, 'g');

/** A message of the library, with its options named as requests name them. */
export function inWireTerms(message: string): string {
  return message.replace(NAME, (name) => WIRE_OF.get(name)!);
}

/** The parameter at the beginning of a message, in the terms of requests: `stop[0] is ...`. */
export function paramOf(message: string): string | undefined {
  const [, param, name] = /^(?:a key of )?((\w+)(?:\[\d+\])?)[ :]/.exec(message) ?? [];
  return name !== undefined && Object.hasOwn(WIRE_NAMES, name) ? param : undefined;
}

/** The option of the library that a parameter is, or the parameter itself. */
export const optionOf = (name: string): string =>
  Object.hasOwn(WIRE_NAMES, name) ? WIRE_NAMES[name as WireName] : name;

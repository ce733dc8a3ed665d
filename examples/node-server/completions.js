import { randomUUID } from 'node:crypto';
import { RequestError } from './request_error.js';

/** Fields of OpenAI's /v1/completions that are options of a generation; the library checks their values. */
const OPTIONS = {
  max_tokens: 'maxTokens',
  temperature: 'temperature',
  top_p: 'topP',
  n: 'n',
  stop: 'stop',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
};
/** That API's defaults where they differ from the library's. */
const DEFAULTS = { maxTokens: 16 };
/** Accepted and ignored: there is one model, and users are not told apart. */
const WITHOUT_EFFECT = ['model', 'user'];

/** The prompt and the options in a body. Fields that this server does not know are refused: they would change the text. */
export function parseRequest(body) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestError(400, 'the body must be a JSON object');
  }
  const { prompt, stream, ...fields } = body;
  const isIds = Array.isArray(prompt) && prompt.every((id) => Number.isInteger(id));
  if (typeof prompt !== 'string' && !isIds) {
    throw new RequestError(400, 'prompt must be a text or a list of token ids', 'prompt');
  }
  if (typeof (stream ?? false) !== 'boolean') {
    throw new RequestError(400, 'stream must be true or false', 'stream');
  }
  const options = { ...DEFAULTS };
  for (const [name, value] of Object.entries(fields)) {
    if (WITHOUT_EFFECT.includes(name) || value === null) continue;
    if (!Object.hasOwn(OPTIONS, name)) {
      const known = Object.keys(OPTIONS).join(', ');
      throw new RequestError(400, `${name} is not supported; prompt, stream, ${known} are`, name);
    }
    options[OPTIONS[name]] = value;
  }
  return { prompt, stream: stream ?? false, options };
}

const FINISH_REASONS = { eos: 'stop', stop: 'stop', length: 'length', context: 'length' };

function textCompletion(name, choices) {
  const created = Math.floor(Date.now() / 1000);
  return { id: `cmpl-${randomUUID()}`, object: 'text_completion', created, model: name, choices };
}

function choiceOf({ index, text, finishReason }) {
  return { index, text, logprobs: null, finish_reason: FINISH_REASONS[finishReason] ?? null };
}

/** A completion in that API's form. */
export function completionOf({ choices, usage }, name) {
  const { promptTokens, completionTokens } = usage;
  return {
    ...textCompletion(name, choices.map(choiceOf)),
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}

/** A piece of a stream in that API's form; the last one of a choice has a `finishReason`. */
export function chunkOf(choice, name) {
  return textCompletion(name, [choiceOf(choice)]);
}

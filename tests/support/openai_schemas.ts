// JSON schemas of what OpenAI's API answers, written from its public reference
// (https://platform.openai.com/docs/api-reference). They are strict: fields that the reference does not have are allowed
// only where this server adds one, which is marked. Fields that the reference has and this server never sends, such as
// audio, are left out, so that none appears by accident.

/** An object with exactly these fields; those of `extra` may be missing. */
const object = (required: Schemas, extra: Schemas = {}) => ({
  type: 'object',
  properties: { ...required, ...extra },
  required: Object.keys(required),
  additionalProperties: false,
});
type Schemas = Readonly<Record<string, object>>;

const string = { type: 'string' };
const name = { type: 'string', minLength: 1 };
const nullable = (schema: object) => ({ anyOf: [{ type: 'null' }, schema] });
const count = { type: 'integer', minimum: 0 };
/** Seconds since 1970: a time in milliseconds is too large. */
const time = { type: 'integer', minimum: 0, maximum: 1e11 };
const list = (items: object, more: object = {}) => ({ type: 'array', items, ...more });
const record = (values: object) => ({ type: 'object', additionalProperties: values });
const logprob = { type: 'number', maximum: 0 };

const usage = object({ prompt_tokens: count, completion_tokens: count, total_tokens: count });

/** The fields with which texts begin; the id has the prefix. */
const head = (prefix: string, kind: string) => ({
  id: { type: 'string', pattern: `^${prefix}-.` },
  object: { const: kind },
  created: time,
  model: name,
  // Not required by the reference, but always sent here.
  system_fingerprint: name,
});

// vLLM's extension.
const promptLogprobs = list(nullable(record(object({ logprob, rank: count, decoded_token: string }))));

const completionChoice = (reason: object) =>
  object(
    {
      index: count,
      text: string,
      logprobs: nullable(
        object({
          tokens: list(string),
          // OpenAI's server has null for the first token of an echo, which its reference does not mention.
          token_logprobs: list(nullable(logprob)),
          top_logprobs: list(nullable(record(logprob))),
          text_offset: list(count),
        }),
      ),
      finish_reason: reason,
    },
    { prompt_logprobs: promptLogprobs },
  );

const completionReason = { enum: ['stop', 'length', 'content_filter'] };
const completion = object({
  ...head('cmpl', 'text_completion'),
  choices: list(completionChoice(completionReason), { minItems: 1 }),
  usage,
});
/** The reference has one schema for completions and their pieces; only the last piece of a choice has a reason. */
const completionChunk = object(
  {
    ...head('cmpl', 'text_completion'),
    choices: list(completionChoice(nullable(completionReason)), { maxItems: 1 }),
  },
  { usage: nullable(usage) },
);

const chatToken = {
  token: string,
  logprob,
  bytes: nullable(list({ type: 'integer', minimum: 0, maximum: 255 })),
};
const chatLogprobs = nullable(
  object({
    content: nullable(list(object({ ...chatToken, top_logprobs: list(object(chatToken)) }))),
    refusal: { type: 'null' },
  }),
);
const chatReason = { enum: ['stop', 'length', 'tool_calls', 'content_filter'] };
const callId = { type: 'string', pattern: '^call_.' };
const answer = { role: { const: 'assistant' }, refusal: { type: 'null' } };
const chatCompletion = object({
  ...head('chatcmpl', 'chat.completion'),
  choices: list(
    object({
      index: count,
      message: {
        anyOf: [
          object({ ...answer, content: string }),
          object({
            ...answer,
            content: { type: 'null' },
            tool_calls: list(
              object({
                id: callId,
                type: { const: 'function' },
                function: object({ name, arguments: string }),
              }),
              { minItems: 1 },
            ),
          }),
        ],
      },
      logprobs: chatLogprobs,
      finish_reason: chatReason,
    }),
    { minItems: 1 },
  ),
  usage,
});
const chatChunk = object(
  {
    ...head('chatcmpl', 'chat.completion.chunk'),
    choices: list(
      object(
        {
          index: count,
          delta: object(
            {},
            {
              ...answer,
              content: nullable(string),
              tool_calls: list(
                object(
                  { index: count, function: object({ arguments: string }, { name }) },
                  { id: callId, type: { const: 'function' } },
                ),
                { minItems: 1 },
              ),
            },
          ),
          finish_reason: nullable(chatReason),
        },
        { logprobs: chatLogprobs },
      ),
      { maxItems: 1 },
    ),
  },
  { usage: nullable(usage) },
);

const model = object({ id: name, object: { const: 'model' }, created: time, owned_by: name });
const models = object({ object: { const: 'list' }, data: list(model) });

const embeddings = object({
  object: { const: 'list' },
  data: list(
    object({
      object: { const: 'embedding' },
      index: count,
      embedding: {
        anyOf: [
          list({ type: 'number' }, { minItems: 1 }),
          { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$' },
        ],
      },
    }),
    { minItems: 1 },
  ),
  model: name,
  usage: object({ prompt_tokens: count, total_tokens: count }),
});

const CATEGORIES = [
  ...['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent'],
  ...['self-harm', 'self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors'],
  ...['violence', 'violence/graphic'],
  // The classes of the generation filter.
  ...['english', 'email', 'phone', 'card', 'iban'],
];
const ofCategories = (value: object) =>
  object(Object.fromEntries(CATEGORIES.map((category) => [category, value])));
const moderation = object({
  id: { type: 'string', pattern: '^modr-.' },
  model: name,
  results: list(
    object({
      flagged: { type: 'boolean' },
      categories: ofCategories({ type: 'boolean' }),
      category_scores: ofCategories({ type: 'number', minimum: 0, maximum: 1 }),
      category_applied_input_types: ofCategories(list({ const: 'text' })),
    }),
    { minItems: 1 },
  ),
});

/** Any answer with a status of 400 or more, and the last event of a stream that failed. */
const error = object({
  error: object({
    message: name,
    type: { enum: ['invalid_request_error', 'server_error'] },
    param: nullable(name),
    code: nullable(name),
  }),
});

/** A line of a batch's output. */
const batchLine = object({
  id: { type: 'string', pattern: '^batch_req_.' },
  custom_id: name,
  response: object({
    status_code: { type: 'integer', minimum: 200, maximum: 599 },
    request_id: name,
    body: { type: 'object' },
  }),
  error: { type: 'null' },
});

export const SCHEMAS = {
  ...{ completion, completionChunk, chatCompletion, chatChunk },
  ...{ models, model, embeddings, moderation, error, batchLine },
};

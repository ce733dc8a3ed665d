import { Ajv } from 'ajv';
import { SCHEMAS } from './openai_schemas.js';

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });

/** Throws if a value is not what OpenAI's API sends. */
export function mustConform(value: unknown, kind: keyof typeof SCHEMAS): void {
  const validate = ajv.getSchema(kind) ?? ajv.addSchema(SCHEMAS[kind], kind).getSchema(kind)!;
  if (validate(value)) return;
  const why = ajv.errorsText(validate.errors, { dataVar: kind });
  throw new Error(`not in OpenAI's form: ${why}: ${JSON.stringify(value).slice(0, 2000)}`);
}

/** What OpenAI's API has at these addresses. */
const ANSWERS: readonly (readonly [RegExp, keyof typeof SCHEMAS])[] = [
  [/^\/v1\/completions$/, 'completion'],
  [/^\/v1\/chat\/completions$/, 'chatCompletion'],
  [/^\/v1\/models$/, 'models'],
  [/^\/v1\/models\/./, 'model'],
  [/^\/v1\/embeddings$/, 'embeddings'],
  [/^\/v1\/moderations$/, 'moderation'],
];

/** Throws if the answer of `path` is not what OpenAI's API answers there; its errors are the same everywhere. */
export function answerMustConform(path: string, status: number, body: unknown): void {
  const address = path.replace(/\?.*$/s, '');
  const kind = status >= 400 ? 'error' : ANSWERS.find(([place]) => place.test(address))?.[1];
  if (kind !== undefined) mustConform(body, kind);
}

/** Throws if the data of an event of a stream is not what OpenAI's API sends. Returns its value; undefined for `[DONE]`. */
export function eventMustConform(data: string): Chunk | undefined {
  if (data === '[DONE]') return undefined;
  const value = JSON.parse(data);
  if (value.error !== undefined) mustConform(value, 'error');
  else mustConform(value, value.object === 'chat.completion.chunk' ? 'chatChunk' : 'completionChunk');
  return value;
}

/** What the events of all streams have. */
export interface Chunk {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly usage?: object | null;
  readonly choices: readonly {
    readonly index: number;
    readonly finish_reason: string | null;
    readonly delta?: { readonly role?: string };
  }[];
}

/**
 * Throws if the events of a stream, which reached its end, do not make one answer: they have one id, time and model;
 * each choice has its role first and its reason last; counts of tokens are null but for an event of their own at the end.
 */
export function streamMustConform(events: readonly Chunk[]): void {
  const must = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`not in OpenAI's form: ${what}: ${JSON.stringify(events)}`);
  };
  const heads = events.map(({ id, created, model }) => `${id} ${created} ${model}`);
  must(new Set(heads).size === 1, 'one id, time and model');
  const last = events.at(-1)!;
  const hasCounts = last.choices.length === 0;
  must(!hasCounts || Boolean(last.usage), 'counts of tokens in the last event');
  const texts = hasCounts ? events.slice(0, -1) : events;
  must(
    texts.every(({ usage }) => usage === (hasCounts ? null : undefined)),
    'counts of tokens nowhere else',
  );
  const pieces = texts.flatMap(({ choices }) => choices);
  must(pieces.length === texts.length, 'a piece of one choice in each event');
  for (const choice of new Set(pieces.map(({ index }) => index))) {
    const own = pieces.filter(({ index }) => index === choice);
    for (const [i, { finish_reason, delta }] of own.entries()) {
      must((finish_reason !== null) === (i === own.length - 1), 'a reason at the end');
      must(delta === undefined || 'role' in delta === (i === 0), 'a role at the beginning');
    }
  }
}

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

/** Throws if the data of an event of a stream is not what OpenAI's API sends. */
export function eventMustConform(data: string): void {
  if (data === '[DONE]') return;
  const value = JSON.parse(data);
  if (value.error !== undefined) mustConform(value, 'error');
  else mustConform(value, value.object === 'chat.completion.chunk' ? 'chatChunk' : 'completionChunk');
}

import { Gpt2Error } from '../../base/errors.js';
import { hashOfBytes, hex } from '../../base/murmur.js';
import { jsonProblem } from '../../files/check_json.js';
import { isJsonObject } from '../../files/json_object.js';
import { ROUTES } from '../routes.js';

/** A request of a batch, in OpenAI's form. */
export interface BatchLine {
  /** The file and the line of the request, for messages. */
  readonly place: string;
  /** What the caller calls it; no other request of the batch has it. */
  readonly customId: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** A name for the request that the same line always has. */
  readonly id: string;
  /** The seed of its samples if it has none of its own: the same `customId` has always the same one. */
  readonly seed: number;
}

/** Longest `custom_id`, in UTF-16 units: those of all requests are kept to find doubles. */
const LONGEST_ID = 1000;

const URLS = ROUTES.filter(({ method, path }) => method === 'POST' && path.startsWith('/v1/')).map(
  ({ path }) => path,
);

/** Reads a line; `place` names it in messages. Throws `invalid-file`. */
export function parseBatchLine(text: string, place: string): BatchLine {
  const wrong = (message: string) => new Gpt2Error('invalid-file', `${place}: ${message}`);
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new Gpt2Error('invalid-file', `${place} is ${jsonProblem(text)}`);
  }
  if (!isJsonObject(line)) throw wrong('a request is an object with custom_id, method, url and body');
  const { custom_id, method = 'POST', url, body } = line;
  if (typeof custom_id !== 'string' || custom_id === '') throw wrong('custom_id must be a string with text');
  if (custom_id.length > LONGEST_ID) {
    throw wrong(`custom_id has ${custom_id.length} characters; it may have ${LONGEST_ID}`);
  }
  if (method !== 'POST') throw wrong('method must be "POST"');
  if (typeof url !== 'string' || !URLS.includes(url)) throw wrong(`url must be one of ${URLS.join(', ')}`);
  if (!isJsonObject(body)) throw wrong('body must be a JSON object');
  if (body.stream) throw wrong('body.stream is set, but the answers of a batch are whole; leave it out');
  const [high, low] = hashOf(custom_id) as unknown as [number, number];
  return {
    ...{ place, customId: custom_id, url, body },
    id: hex(hashOf(text)),
    seed: (high >>> 0) * 2 ** 21 + (low >>> 11),
  };
}

const hashOf = (text: string): Int32Array => hashOfBytes(new TextEncoder().encode(text));

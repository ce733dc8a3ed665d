import { type Cancellation, onAbort } from '../../base/cancellation.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import type { Handler } from '../handler_options.js';
import type { BatchLine } from './batch_line.js';

/** Routes whose requests have a seed. */
const SAMPLES = /\/completions$/;

/** A line of the output, and the status of the answer in it. */
export interface AnswerLine {
  readonly line: string;
  readonly status: number;
}

/**
 * The answer to a request of a batch as a line of JSON in OpenAI's form, which depends on the request and the model
 * alone: `id` and `created` of the answer come from the line. Throws `aborted`, and `runtime` if the
 * model could not be loaded: a later run may answer.
 */
export async function answerLine(
  { customId, url, body, id, seed }: BatchLine,
  fetch: Handler['fetch'],
  signal: Cancellation,
): Promise<AnswerLine> {
  const asked = SAMPLES.test(url) ? { ...body, seed: body.seed ?? seed } : body;
  const left = new AbortController();
  const unlisten = onAbort(signal, () => left.abort());
  const init = { method: 'POST', body: JSON.stringify(asked), signal: left.signal };
  const response = await fetch(new Request(`http://localhost${url}`, init)).finally(unlisten);
  const answer = (await response.json()) as Answer;
  throwIfAborted(signal, 'the batch');
  const { error } = answer;
  if (error?.code === 'model_not_loaded') throw new Gpt2Error('runtime', `${customId}: ${error.message}`);
  const line = {
    id: `batch_req_${id}`,
    custom_id: customId,
    response: { status_code: response.status, request_id: id, body: fixed(answer, id) },
    error: null,
  };
  // Line breaks for some readers of lines, though not in JSON.
  const text = JSON.stringify(line).replace(
    /[\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16)}`,
  );
  return { line: text, status: response.status };
}

interface Answer {
  readonly id?: string;
  readonly created?: number;
  readonly error?: { readonly message: string; readonly code: string | null };
}

/** An answer without what differs each time: the UUID of its id, and of its calls, is the line's hash, the time 0. */
function fixed(answer: Answer, hash: string): Answer {
  const timeless = answer.created === undefined ? answer : { ...answer, created: 0 };
  if (answer.id === undefined) return timeless;
  const uuid = answer.id.slice(answer.id.indexOf('-') + 1);
  return JSON.parse(JSON.stringify(timeless).replaceAll(uuid, hash));
}

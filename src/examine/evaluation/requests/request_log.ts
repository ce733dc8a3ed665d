import { Gpt2Error } from '../../../base/errors.js';
import { hex, Murmur128 } from '../../../base/murmur.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { LineLog } from '../../../files/line_log.js';
import type { Answer } from './request.js';

/** The first line of a log. */
const HEADER = { format: 'gpt2-wasm requests', version: 1 };
const HEADER_LINE = JSON.stringify(HEADER);

/**
 * The answers of finished requests, one JSON object a line: a run that was ended continues after the last
 * complete line. A key is the hash of the model's identity and of the request, so that a log may serve several
 * models.
 */
export class RequestLog {
  readonly #lines: LineLog;
  readonly #model: string;
  readonly #answers: Map<string, Answer>;

  private constructor(lines: LineLog, model: string, answers: Map<string, Answer>) {
    this.#lines = lines;
    this.#model = model;
    this.#answers = answers;
  }

  /** `model` is the model's identity. Throws `invalid-file` if the lines are those of another file. */
  static async open(lines: LineLog, model: string): Promise<RequestLog> {
    const answers = new Map<string, Answer>();
    let isFirst = true;
    for await (const line of lines.read()) {
      // The header itself may be cut off.
      if (isFirst && line !== HEADER_LINE && HEADER_LINE.startsWith(line)) continue;
      const value = parsed(line);
      if (isFirst) checkHeader(value, lines.name);
      else if (isJsonObject(value) && typeof value.key === 'string' && isAnswer(value.answer)) {
        answers.set(value.key, value.answer);
      }
      isFirst = false;
    }
    if (isFirst) await lines.append(HEADER_LINE);
    return new RequestLog(lines, model, answers);
  }

  /** The answer of an earlier run. `request` is the request as JSON. */
  find(request: string): Answer | undefined {
    return this.#answers.get(this.#key(request));
  }

  /** Resolves once the answer is written. */
  async add(request: string, answer: Answer): Promise<void> {
    const key = this.#key(request);
    this.#answers.set(key, answer);
    await this.#lines.append(JSON.stringify({ key, answer }));
  }

  #key(request: string): string {
    const text = `${this.#model}\n${request}`;
    const hash = new Murmur128();
    hash.add(Int32Array.from({ length: 4 * Math.ceil(text.length / 4) }, (_, i) => text.charCodeAt(i)));
    return hex(hash.digest());
  }
}

/** The value of a line; `undefined` for one that was cut off when its process ended. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function checkHeader(value: unknown, name: string): void {
  const { format, version } = isJsonObject(value) ? value : ({} as Record<string, unknown>);
  if (format === HEADER.format && version === HEADER.version) return;
  throw new Gpt2Error(
    'invalid-file',
    `${name} is no log of requests that this version wrote; give a new file`,
  );
}

function isAnswer(value: unknown): value is Answer {
  if (!isJsonObject(value)) return false;
  const { logprob, isGreedy, text } = value;
  if (text !== undefined) return typeof text === 'string';
  return Number.isFinite(logprob) && (isGreedy === undefined || typeof isGreedy === 'boolean');
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Gpt2Error } from '../../base/errors.js';
import { lineLogFile } from '../../files/folder/line_log_file.js';
import { isJsonObject } from '../../files/json_object.js';
import type { LineLog } from '../../files/line_log.js';
import type { BatchLine } from '../../server/batch/batch_line.js';

/**
 * The answers of a batch so far, one JSON object a line after a first one that says how they came about: a run that was
 * ended continues after the last complete line.
 */
export class Answers {
  readonly #lines: LineLog;
  #ids: string[] = [];

  private constructor(lines: LineLog) {
    this.#lines = lines;
  }

  /** Answers computed with other `settings` are refused with `invalid-file`. */
  static async open(path: string, settings: object): Promise<Answers> {
    const header = JSON.stringify({ format: 'gpt2-wasm batch', version: 1, settings });
    const answers = new Answers(await lineLogFile(path));
    try {
      let isFirst = true;
      for await (const line of answers.#lines.read()) {
        // It may have been cut off itself.
        if (isFirst && line !== header && header.startsWith(line)) continue;
        if (isFirst && line !== header) throw ofAnother(path, 'was begun with other flags');
        const id = idOf(line);
        if (id !== undefined) answers.#ids.push(id);
        isFirst = false;
      }
      if (isFirst) await answers.#lines.append(header);
      return answers;
    } catch (error) {
      await answers.close();
      throw error;
    }
  }

  /** How many there are. */
  get count(): number {
    return this.#ids.length;
  }

  /** Throws `invalid-file` if the answers are not those to the first of these requests. */
  async check(requests: AsyncIterable<BatchLine>): Promise<void> {
    let index = 0;
    for await (const { id } of requests) {
      if (index >= this.count) return;
      if (this.#ids[index++] !== `batch_req_${id}`) break;
      if (index === this.count) return;
    }
    if (this.count > 0) throw ofAnother(this.#lines.name, 'has the answers to other requests');
  }

  /** Resolves once the answer is written. */
  async add(line: string): Promise<void> {
    await this.#lines.append(line);
    this.#ids.push(idOf(line)!);
  }

  /** All answers, as the bytes of a file. Throws `invalid-file` if another process has written to them as well. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const utf8 = new TextEncoder();
    let count = 0;
    for await (const line of this.#lines.read()) {
      const id = idOf(line);
      if (id === undefined) continue;
      if (id !== this.#ids[count++]) throw this.#shared();
      yield utf8.encode(`${line}\n`);
    }
    if (count !== this.count) throw this.#shared();
  }

  /** Whether a file has these answers, and nothing else. */
  async areIn(path: string): Promise<boolean> {
    const digest = async (chunks: AsyncIterable<Uint8Array>) => {
      const hash = createHash('sha256');
      for await (const bytes of chunks) hash.update(bytes);
      return hash.digest('hex');
    };
    const found = await digest(createReadStream(path)).catch(() => undefined);
    return found !== undefined && found === (await digest(this.bytes()));
  }

  #shared(): Gpt2Error {
    const advice = 'wait for its end, or delete the file and begin again';
    return new Gpt2Error('invalid-file', `another process writes to ${this.#lines.name} as well; ${advice}`);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

/** The name of an answer; `undefined` for other lines, and for one that was cut off when its process ended. */
function idOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) && typeof value.id === 'string' ? value.id : undefined;
  } catch {
    return undefined;
  }
}

const ofAnother = (path: string, what: string) =>
  new Gpt2Error('invalid-file', `${path} ${what}; go on with these, or delete the file to begin again`);

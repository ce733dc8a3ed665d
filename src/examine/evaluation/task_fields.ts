import { Gpt2Error } from '../../base/errors.js';
import type { Doc, Field, TaskConfig } from './config/task_config.js';
import type { TaskFunction } from './tasks/functions.js';
import { jsonValue } from './template/json_value.js';
import type { Compile } from './template/template.js';
import { asText, isList, type Value } from './template/values.js';

/** The fields of a task for its documents, computed by the rules of the harness. */
export class TaskFields {
  readonly config: TaskConfig;
  readonly #compile: Compile;
  readonly #functions: Readonly<Record<string, TaskFunction>>;

  constructor(config: TaskConfig, compile: Compile, functions: Readonly<Record<string, TaskFunction>>) {
    this.config = config;
    this.#compile = compile;
    this.#functions = functions;
  }

  /** A function of the task. Throws `unsupported` if nobody gave it. */
  functionOf(name: string): TaskFunction {
    if (Object.hasOwn(this.#functions, name)) return this.#functions[name]!;
    throw new Gpt2Error(
      'unsupported',
      `${this.config.task} needs the function ${name}, which is not known; the known ones are ${Object.keys(this.#functions).join(', ')}, and the option functions gives others`,
    );
  }

  /** The text before the target; of tasks that choose between texts the index of the right one. */
  text(doc: Doc): string | number {
    const value = this.#whole(this.#value('doc_to_text', doc));
    const isIndex = typeof value === 'number' && this.config.doc_to_choice !== undefined;
    return isIndex ? value : asText(value);
  }

  /** The right text, or the index of the right choice, or several of these. */
  target(doc: Doc): Value {
    return this.#whole(this.#value('doc_to_target', doc));
  }

  /** The choices of a document. Throws `invalid-file` if they are not texts. */
  choices(doc: Doc): readonly string[] {
    const value = this.#value('doc_to_choice', doc);
    if (isList(value) && value.length > 0) return value.map(asText);
    throw this.#wrong('doc_to_choice', 'does not give a list of texts');
  }

  /** Whether the choices stand before one target: `doc_to_text` then gives an index. */
  choosesText(doc: Doc): boolean {
    return this.config.doc_to_choice !== undefined && typeof this.text(doc) === 'number';
  }

  /** The description before the examples and the text. */
  description(doc: Doc): string {
    const { description = '' } = this.config;
    return description === '' ? '' : asText(this.#evaluate(description, 'description', doc));
  }

  /** A text of digits is the index of a choice. */
  #whole(value: Value): Value {
    const isIndex =
      typeof value === 'string' && /^\d+$/.test(value) && this.config.doc_to_choice !== undefined;
    return isIndex ? Number(value) : value;
  }

  #value(name: 'doc_to_text' | 'doc_to_target' | 'doc_to_choice', doc: Doc): Value {
    const field = this.config[name] as Field;
    if (typeof field === 'number') return field;
    if (typeof field === 'string') {
      return Object.hasOwn(doc, field) ? this.#column(doc[field]!) : this.#evaluate(field, name, doc);
    }
    if ('function' in field) {
      const { field: compute } = this.functionOf(field.function);
      if (compute !== undefined) {
        const computed = this.#called(name, () => compute(doc));
        return jsonValue(computed, `what ${field.function} gives`);
      }
      throw this.#wrong(name, `names ${field.function}, which computes no field`);
    }
    return field;
  }

  /** Python takes a column of true and false for the indices 1 and 0. */
  #column(value: Value): Value {
    return typeof value === 'boolean' && this.config.doc_to_choice !== undefined ? Number(value) : value;
  }

  #evaluate(source: string, name: string, doc: Doc): Value {
    return this.#compile(source, `${name} of ${this.config.task}`).evaluate(doc);
  }

  #called<T>(name: string, call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw this.#wrong(name, `fails: ${(cause as Error).message}`, cause);
    }
  }

  #wrong(name: string, problem: string, cause?: unknown): Gpt2Error {
    return new Gpt2Error('invalid-file', `${name} of ${this.config.task} ${problem}`, { cause });
  }
}

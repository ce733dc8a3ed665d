import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { isFloat32Array } from '../../base/float_array.js';
import { idList } from '../../base/id_list.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** The text of an example: one of these is given. */
export interface ExampleText {
  readonly text?: string | undefined;
  readonly ids?: ArrayLike<number> | undefined;
}

/** How texts become ids. */
export interface TextRules {
  /** Encodes those that are texts. */
  readonly tokenizer: Tokenizer | undefined;
  readonly vocabSize: number;
  /** Most positions of a row. */
  readonly length: number;
  /** Positions before a text, and their name in messages. */
  readonly before: number;
  readonly what: string;
}

/** The token ids of an example. Throws `invalid-option`, also if they do not fit into a row. */
export function idsOf({ text, ids }: ExampleText, rules: TextRules): readonly number[] {
  const { tokenizer, length, vocabSize, before, what } = rules;
  if ((text === undefined) === (ids === undefined)) {
    throw new Gpt2Error('invalid-option', 'the example must have either text or ids');
  }
  if (text !== undefined && typeof text !== 'string') throw invalidOption('text', text, 'a text');
  if (text !== undefined && tokenizer === undefined) {
    throw new Gpt2Error('invalid-option', 'the example has text, but there is no tokenizer; give ids');
  }
  const found =
    text === undefined
      ? idList(ids, 'ids', `an array of token ids from 0 to ${vocabSize - 1}`, vocabSize)
      : tokenizer!.encode(text);
  if (found.length + before <= length) return found;
  throw new Gpt2Error(
    'invalid-option',
    `the text has ${found.length} tokens; rows of ${length} have room for ${length - before} and the ${what} before ` +
      'them; set a larger contextLength',
  );
}

/** Numbers of an example, of which `owner` has `count`. Throws `invalid-option`. */
export function floatsOf(name: string, values: unknown, count: number, owner: string): Float32Array {
  if (!isFloat32Array(values)) throw invalidOption(name, values, 'a Float32Array');
  if (values.length !== count) {
    throw new Gpt2Error('invalid-option', `${name} has ${values.length} numbers; the ${owner} has ${count}`);
  }
  if (areFinite(values)) return values;
  throw new Gpt2Error('invalid-option', `${name} has a number that is not finite`);
}

/** All parts, one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

import { Gpt2Error } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import type { Doc } from './config/task_config.js';
import type { TaskFields } from './task_fields.js';
import { asText, isEqual, isList } from './template/values.js';

/** Where the examples before a question come from. */
export interface ExampleSource {
  readonly docs: readonly Doc[];
  /** How many stand before each question. */
  readonly count: number;
  readonly seed: number;
}

/**
 * What stands before the question of a document: the description, and the examples with their targets. The
 * examples of document i depend on the seed and i alone (Python's random numbers, which the harness draws from, are
 * not used). The document itself is never an example.
 */
export function contextBefore(
  fields: TaskFields,
  doc: Doc,
  index: number,
  { docs, count, seed }: ExampleSource,
): string {
  const before = fields.description(doc);
  if (count === 0) return before;
  const isFirst = fields.config.fewshot_config?.sampler === 'first_n';
  const chosen = isFirst ? inOrder(docs, doc, count) : drawn(docs, doc, count, new RandomStream(seed, index));
  if (chosen.length < count) {
    throw new Gpt2Error(
      'invalid-option',
      `${fields.config.task} has ${chosen.length} documents for examples; fewShot is ${count}`,
    );
  }
  return before + chosen.map((example) => written(fields, example)).join('');
}

function inOrder(docs: readonly Doc[], doc: Doc, count: number): Doc[] {
  const chosen: Doc[] = [];
  for (let i = 0; i < docs.length && chosen.length < count; i++) {
    if (!isEqual(docs[i]!, doc)) chosen.push(docs[i]!);
  }
  return chosen;
}

/** Draws without repetition: the first steps of a shuffle by Fisher and Yates, whose swaps are kept in a table. */
function drawn(docs: readonly Doc[], doc: Doc, count: number, random: RandomStream): Doc[] {
  const moved = new Map<number, number>();
  const chosen: Doc[] = [];
  for (let i = 0; i < docs.length && chosen.length < count; i++) {
    const at = i + Math.floor(random.next() * (docs.length - i));
    const example = docs[moved.get(at) ?? at]!;
    moved.set(at, moved.get(i) ?? i);
    if (!isEqual(example, doc)) chosen.push(example);
  }
  return chosen;
}

/** An example with its target and the delimiter after it. */
function written(fields: TaskFields, doc: Doc): string {
  const { target_delimiter: between = ' ', fewshot_delimiter: after = '\n\n', doc_to_choice } = fields.config;
  const text = fields.text(doc);
  const question = typeof text === 'number' ? choiceAt(fields, doc, text) : text;
  const target = fields.target(doc);
  const [first = ''] = isList(target) ? target : [target];
  const isIndex = typeof first === 'number' && doc_to_choice !== undefined;
  const answer = isIndex ? choiceAt(fields, doc, first) : asText(first);
  return answer === '' ? question : question + between + answer + after;
}

/** A choice of a document. Throws `invalid-file` if it has none of that index. */
export function choiceAt(fields: TaskFields, doc: Doc, index: number): string {
  const choice = fields.choices(doc)[index];
  if (choice !== undefined) return choice;
  throw new Gpt2Error('invalid-file', `a document of ${fields.config.task} has no choice ${index}`);
}

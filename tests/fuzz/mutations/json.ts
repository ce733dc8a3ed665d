import { text, textOf } from '../target.js';
import { LARGE, ODD_TEXTS } from './odd_values.js';
import type { RandomSource } from './random.js';
import { changedText } from './text.js';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A JSON text with one change of a value. */
export function changedJson(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  const value = parsed(input);
  if (value === undefined) return changedText(input, other, words, random);
  const donors = nodesOf(parsed(other) ?? value);
  const nodes = nodesOf(value);
  const chosen = random.below(nodes.length);
  let count = 0;
  const visit = (node: Json): Json => {
    const isChosen = count++ === chosen;
    if (isChosen) return changedNode(node, donors, words, random);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, visit(inner)]));
  };
  return text(JSON.stringify(visit(value)));
}

function parsed(input: Uint8Array): Json | undefined {
  try {
    return JSON.parse(textOf(input)) as Json;
  } catch {
    return undefined;
  }
}

/** All values within a value, in the order in which `visit` counts them; the first few thousand. */
function nodesOf(value: Json): Json[] {
  const nodes: Json[] = [];
  const visit = (node: Json): void => {
    if (nodes.length > 4000) return;
    nodes.push(node);
    if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) visit(inner);
  };
  visit(value);
  return nodes;
}

function changedNode(
  node: Json,
  donors: readonly Json[],
  words: readonly string[],
  random: RandomSource,
): Json {
  const odd: Json[] = [
    null,
    true,
    false,
    0,
    -1,
    -0,
    0.5,
    1e308,
    -1e-320,
    2 ** 31,
    2 ** 53,
    random.pick(LARGE),
  ];
  const texts = [...ODD_TEXTS, ...words, 'x'.repeat(random.below(5000)), '1'];
  const kinds: (() => Json)[] = [
    () => random.pick(odd),
    () => random.pick(texts),
    () => random.pick(donors),
    () => [],
    () => ({}),
    () => [node, node],
    () => ({ [random.pick(texts)]: node }),
    () => nested(node, 1 + random.below(200)),
    () => (typeof node === 'string' ? node.slice(0, 100).repeat(1 + random.below(64)) : node),
  ];
  if (typeof node === 'object' && node !== null && random.below(2) === 0)
    return changedEntries(node, donors, texts, random);
  return random.pick(kinds)();
}

function nested(node: Json, depth: number): Json {
  let outer = node;
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}

/** Without an entry, with an entry more, with another name of one, or with the items of a list again and again. */
function changedEntries(
  node: Json[] | { [name: string]: Json },
  donors: readonly Json[],
  texts: readonly string[],
  random: RandomSource,
): Json {
  if (Array.isArray(node)) {
    const at = random.below(node.length + 1);
    const longer = [
      () => node.toSpliced(at, 1),
      () => node.toSpliced(at, 0, random.pick(donors)),
      () =>
        Array.from({ length: 1 + random.below(64) }, () => node)
          .flat()
          .slice(0, 4000),
    ];
    return random.pick(longer)();
  }
  const entries = Object.entries(node);
  const at = random.below(entries.length + 1);
  const added: [string, Json] = [random.pick(texts), random.pick(donors)];
  const renamed: [string, Json] = [added[0], entries[at]?.[1] ?? null];
  const changed = [entries.toSpliced(at, 1), [...entries, added], entries.toSpliced(at, 1, renamed)];
  return Object.fromEntries(random.pick(changed));
}

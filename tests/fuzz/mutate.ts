import type { randomSource } from '../support/random.js';
import type { Target } from './target.js';
import { text, textOf } from './target.js';

type RandomSource = ReturnType<typeof randomSource>;

const NUMBERS = [0, 1, 2, 7, 16, 31, 32, 64, 127, 128, 255, 256, 1023, 32767, 65535, 65536, 2 ** 20];
const LARGE = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 2 ** 53, 2 ** 63];
const LONGEST = 2 ** 18;

/** A new input: `input` with one to four changes, some of them with parts of `other`. */
export function mutated(
  target: Target,
  input: Uint8Array,
  other: Uint8Array,
  random: RandomSource,
): Uint8Array {
  let changed = input;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const byBytes = target.kind === 'bytes' || random.below(6) === 0;
    if (byBytes) changed = changedBytes(changed, other, target.words ?? [], random);
    else if (target.kind === 'json') changed = changedJson(changed, other, target.words ?? [], random);
    else changed = changedText(changed, other, target.words ?? [], random);
  }
  return changed.length > LONGEST ? changed.subarray(0, LONGEST) : changed;
}

const pick = <T>(items: readonly T[], random: RandomSource): T => items[random.below(items.length)]!;

/** Beginnings, where headers are, come more often. */
function placeIn(length: number, random: RandomSource): number {
  return random.below(random.below(2) === 0 ? Math.min(length, 256) + 1 : length + 1);
}

function spliced(input: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const rest = input.subarray(Math.min(input.length, at + removed));
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(input.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

function changedBytes(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  const at = placeIn(input.length, random);
  const some = 1 + random.below(random.below(4) === 0 ? 4096 : 16);
  const from = placeIn(other.length, random);
  switch (random.below(9)) {
    case 0:
      return input.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte));
    case 1:
      return spliced(input, at, 1, Uint8Array.of(random.below(256)));
    case 2:
      return spliced(input, at, some, new Uint8Array(0));
    case 3:
      return spliced(input, at, 0, input.subarray(from, from + some));
    case 4:
      return spliced(input, at, some, other.subarray(from, from + some));
    case 5:
      return numberAt(input, at, random);
    case 6:
      return input.subarray(0, at);
    case 7:
      return words.length === 0
        ? numberAt(input, at, random)
        : spliced(input, at, random.below(2) * some, text(pick(words, random)));
    default:
      return spliced(
        input,
        at,
        0,
        Uint8Array.from({ length: some }, () => random.below(256)),
      );
  }
}

/** Writes a number that breaks sums and products, in 1 to 8 bytes. */
function numberAt(input: Uint8Array, at: number, random: RandomSource): Uint8Array {
  const size = 2 ** random.below(4);
  const bytes = new DataView(new ArrayBuffer(8));
  const number = BigInt(pick(size < 4 ? NUMBERS : [...NUMBERS, ...LARGE], random));
  const signed = random.below(4) === 0 ? -number : number;
  bytes.setBigUint64(0, BigInt.asUintN(64, signed), random.below(4) > 0);
  return spliced(input, at, size, new Uint8Array(bytes.buffer, 0, size));
}

const ODD_TEXTS = [
  '',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u{1F600}',
  '\u0301',
  'İ',
  'ß',
  '\r\n',
  '\u2028',
  '"',
  '\\',
  '{{',
  '%}',
  '(((',
  '[',
  '*',
  '+?',
  '{1,99999}',
  '$',
  '__proto__',
  'constructor',
];

function changedText(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  const own = textOf(input);
  const at = random.below(own.length + 1);
  const some = 1 + random.below(random.below(3) === 0 ? 64 : 4);
  const donor = random.below(2) === 0 ? own : textOf(other);
  const from = random.below(donor.length + 1);
  const piece = donor.slice(from, from + some);
  const inserted = pick(
    [piece, pick([...ODD_TEXTS, ...words], random), piece.repeat(1 + random.below(40)), ''],
    random,
  );
  return text(own.slice(0, at) + inserted + own.slice(at + (random.below(2) === 0 ? 0 : some)));
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function changedJson(
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
    pick(LARGE, random),
  ];
  const texts = [...ODD_TEXTS, ...words, 'x'.repeat(random.below(5000)), '1'];
  const kinds: (() => Json)[] = [
    () => pick(odd, random),
    () => pick(texts, random),
    () => pick(donors, random),
    () => [],
    () => ({}),
    () => [node, node],
    () => ({ [pick(texts, random)]: node }),
    () => nested(node, 1 + random.below(200)),
  ];
  if (typeof node === 'object' && node !== null && random.below(2) === 0)
    return changedEntries(node, donors, texts, random);
  return pick(kinds, random)();
}

function nested(node: Json, depth: number): Json {
  let outer = node;
  for (let i = 0; i < depth; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}

/** Without an entry, with an entry more, or with another name of one. */
function changedEntries(
  node: Json[] | { [name: string]: Json },
  donors: readonly Json[],
  texts: readonly string[],
  random: RandomSource,
): Json {
  if (Array.isArray(node)) {
    const at = random.below(node.length + 1);
    return random.below(2) === 0 ? node.toSpliced(at, 1) : node.toSpliced(at, 0, pick(donors, random));
  }
  const entries = Object.entries(node);
  const at = random.below(entries.length + 1);
  const added: [string, Json] = [pick(texts, random), pick(donors, random)];
  const renamed: [string, Json] = [added[0], entries[at]?.[1] ?? null];
  const changed = [entries.toSpliced(at, 1), [...entries, added], entries.toSpliced(at, 1, renamed)];
  return Object.fromEntries(pick(changed, random));
}

import type { RandomSource } from './mutations/random.js';

/** The ways in which each name can be written; `<name>` within them is written in one of that name's ways. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

const DEEPEST = 14;
const LONGEST = 20_000;

/** A random text of `<start>`. Deep inside only the first way of each name is taken, so it must lead to an end. */
export function derived(grammar: Grammar, random: RandomSource, start = 'start'): string {
  let length = 0;
  const write = (name: string, depth: number): string => {
    const ways = grammar[name]!;
    const way = depth > DEEPEST || length > LONGEST ? ways[0]! : random.pick(ways);
    length += way.length;
    return way.replace(/<([a-z_]+)>/g, (whole, inner: string) =>
      inner in grammar ? write(inner, depth + 1) : whole,
    );
  };
  return write(start, 0);
}

/** Names that most grammars need. */
export const COMMON: Grammar = {
  digit: ['0', '1', '2', '7', '9'],
  count: ['1', '0', '2', '3', '4', '16', '17'],
  integer: ['<count>', '-<count>', '<digit><digit>', '1000', '65536', '2147483648', '9007199254740993'],
  number: ['<integer>', '<count>.5', '0.<digit>', '-0', '1e3', '1e-7', '1e308', '1e400', '-2.5e-320'],
  letter: ['a', 'b', 'x', 'A', 'é', 'ß', '日', '\u{1F600}', '\u0301', '_'],
  word: ['a', '<letter>', '<letter><word>', 'Once', 'the', 'name'],
  boolean: ['true', 'false'],
  json_text: ['""', '"<word>"', '"<word> <word>"', '"\\n"', '"\\u0000"', '"\\ud800"', '"\\"<word>\\\\"'],
  json: [
    ...['null', '<number>', '<json_text>', '<boolean>', '[]', '{}', '[<json>]', '[<json>,<json>]'],
    ...['{<json_text>:<json>}', '{"<word>":<json>,"<word>":<json>}'],
  ],
};

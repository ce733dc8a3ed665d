import fc from 'fast-check';

/** A part of a rule of a random grammar. */
export type Part =
  | { type: 'literal'; text: string }
  | { type: 'class'; negated: boolean; characters: readonly string[] }
  | { type: 'any' }
  | { type: 'rule'; index: number }
  | { type: 'group'; sequences: Sequences }
  | { type: 'repeat'; part: Part; min: number; max: number | undefined };

type Sequences = readonly (readonly Part[])[];

/** Rules by index; the first is the root. */
export type Rules = readonly Sequences[];

const NAMES = ['root', 'rule-1', 'RULE_2'];
const characters = fc.constantFrom('a', 'b', 'c', '"', '\\', '-', ']', '\n', 'é', '😀');

export const texts = fc
  .array(fc.oneof(fc.constantFrom('a', 'b', 'c'), characters), { maxLength: 8 })
  .map((all) => all.join(''));

const terminals: fc.Arbitrary<Part> = fc.oneof(
  fc.array(characters, { maxLength: 2 }).map((all): Part => ({ type: 'literal', text: all.join('') })),
  fc.constant<Part>({ type: 'any' }),
  fc.record({
    type: fc.constant('class' as const),
    negated: fc.boolean(),
    characters: fc.array(characters, { minLength: 1, maxLength: 3 }),
  }),
);

const counts = fc.constantFrom<[number, number | undefined]>(
  [0, undefined],
  [1, undefined],
  [2, undefined],
  [0, 1],
  [0, 2],
  [2, 2],
  [1, 3],
);

/** Parts of the rule with an index. They name later rules, or, behind a character, any. */
function parts(index: number, depth: number): fc.Arbitrary<Part> {
  const behindCharacter = fc.tuple(characters, fc.nat({ max: NAMES.length - 1 })).map(
    ([text, named]): Part => ({
      type: 'group',
      sequences: [
        [
          { type: 'literal', text },
          { type: 'rule', index: named },
        ],
        [{ type: 'literal', text }],
      ],
    }),
  );
  const options = [terminals, terminals, behindCharacter];
  if (index + 1 < NAMES.length) options.push(fc.constant<Part>({ type: 'rule', index: index + 1 }));
  if (depth > 0) {
    options.push(
      sequences(index, depth - 1).map((all): Part => ({ type: 'group', sequences: all })),
      fc
        .tuple(parts(index, depth - 1), counts)
        .map(([part, [min, max]]): Part => ({ type: 'repeat', part, min, max })),
    );
  }
  return fc.oneof(...options);
}

function sequences(index: number, depth: number): fc.Arbitrary<Sequences> {
  return fc.array(fc.array(parts(index, depth), { maxLength: 3 }), { minLength: 1, maxLength: 3 });
}

export const rules: fc.Arbitrary<Rules> = fc.tuple(...NAMES.map((_, index) => sequences(index, 2)));

/** The grammar as GBNF. */
export function written(all: Rules): string {
  return all.map((each, i) => `${NAMES[i]} ::= ${writtenSequences(each)}\n`).join('\n');
}

/** Before a line break, an empty sequence would continue with the next rule. */
function writtenSequences(all: Sequences): string {
  return all.map((each) => each.map(writtenPart).join(' ') || '""').join(' |\n');
}

function writtenPart(part: Part): string {
  switch (part.type) {
    case 'literal':
      return `"${escaped(part.text)}"`;
    case 'class':
      return `[${part.negated ? '^' : ''}${part.characters.map(escaped).join('')}]`;
    case 'any':
      return '.';
    case 'rule':
      return NAMES[part.index]!;
    case 'group':
      return `(\n  ${writtenSequences(part.sequences)} # group\n)`;
    case 'repeat':
      return `${writtenPart(part.part)} ${sign(part.min, part.max)}`;
  }
}

function escaped(text: string): string {
  return text
    .replace(/["\\\]-]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/é/g, '\\u00E9');
}

function sign(min: number, max: number | undefined): string {
  if (max === undefined && min < 2) return '*+'[min]!;
  if (min === 0 && max === 1) return '?';
  return max === min ? `{${min}}` : `{${min}, ${max ?? ''}}`;
}

/** Whether a text is a root, by trying all ways. */
export function matches(all: Rules, text: string): boolean {
  const letters = [...text];
  /** The ends of a rule by its index and its start. */
  const known = new Map<string, Set<number>>();
  const after = (part: Part, starts: Set<number>) =>
    new Set([...starts].flatMap((start) => [...ends(part, start)]));
  const endsOfAny = (sequences: Sequences, start: number) =>
    new Set(
      sequences.flatMap((parts) => [
        ...parts.reduce((starts, part) => after(part, starts), new Set([start])),
      ]),
    );
  const ends = (part: Part, start: number): Set<number> => {
    switch (part.type) {
      case 'literal': {
        const wanted = [...part.text];
        const isHere = wanted.every((letter, i) => letters[start + i] === letter);
        return new Set(isHere ? [start + wanted.length] : []);
      }
      case 'class': {
        const isIn = start < letters.length && part.characters.includes(letters[start]!) !== part.negated;
        return new Set(isIn ? [start + 1] : []);
      }
      case 'any':
        return new Set(start < letters.length ? [start + 1] : []);
      case 'group':
        return endsOfAny(part.sequences, start);
      case 'rule': {
        const key = `${part.index} ${start}`;
        const found = known.get(key) ?? endsOfAny(all[part.index]!, start);
        known.set(key, found);
        return found;
      }
      case 'repeat': {
        const { min, max = min + letters.length } = part;
        let last = new Set([start]);
        for (let i = 0; i < min; i++) last = after(part.part, last);
        const found = new Set(last);
        for (let i = min; i < max; i++) {
          last = after(part.part, last);
          for (const end of last) found.add(end);
        }
        return found;
      }
    }
  };
  return endsOfAny(all[0]!, 0).has(letters.length);
}

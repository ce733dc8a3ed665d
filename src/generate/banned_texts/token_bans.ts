import { Continuations } from './continuations.js';
import { isBanned, type TextScanner, unbanned } from './text_scanner.js';
import type { Part, TokenReader } from './token_reader.js';

/** States whose tokens are kept; then all are forgotten. */
const MOST_KEPT = 10_000;

/** Token ids; several lists, so that states can share them. */
type Lists = readonly Int32Array[];

/** A token after which a text cannot have any length, and the state after it. */
type OpenToken = readonly [id: number, end: number];

/** The tokens after a state. */
interface Outcome {
  /** Tokens that complete a banned text. */
  readonly banned: Lists;
  readonly open: readonly OpenToken[];
}

/** What is known of the tokens that may come next. */
export interface NextTokens {
  readonly banned: Lists;
  /** Tokens that end with a banned word, so that it must become a longer one; some of them are banned. */
  readonly halves: Int32Array;
}

/** Tokens that are not like others, and where a text may end. */
export interface TokenRoles {
  /** Whether a text may end after any token. */
  readonly endsAnywhere: boolean;
  /** Those that end a text, and have none. */
  readonly ends: readonly number[];
  /** Those that are never drawn. */
  readonly banned: readonly number[];
  /** Those that the reader lacks, with their bytes: other special tokens, for example. */
  readonly others: readonly (readonly [id: number, bytes: Uint8Array])[];
}

/**
 * The tokens that may not follow a text: those that complete a banned text, and those after which every continuation
 * has one. They are nearly the same after all texts: only tokens that continue the beginning of a banned text are
 * looked for after each state.
 */
export class TokenBans {
  readonly #scanner: TextScanner;
  readonly #reader: TokenReader;
  readonly #roles: TokenRoles;
  readonly #continuations: Continuations;
  /** By state. */
  readonly #outcomes = new Map<number, Outcome>();
  readonly #beginnings = new Map<number, Outcome>();
  /** By `Continuations.key`. */
  readonly #next = new Map<number, NextTokens>();

  /** `endsWithin`: see `Continuations`. */
  constructor(scanner: TextScanner, reader: TokenReader, roles: TokenRoles, endsWithin: number) {
    this.#scanner = scanner;
    this.#reader = reader;
    this.#roles = roles;
    const unused = new Set([...roles.ends, ...roles.banned]);
    this.#continuations = new Continuations(scanner, reader, unused, endsWithin);
  }

  /** Whether some text of at most `left` tokens may follow. */
  canGoOn(state: number, left: number): boolean {
    return this.#continuations.canGoOn(state, left);
  }

  /** What is known of the next token, if up to `left` others may follow it. */
  after(state: number, left: number): NextTokens {
    return this.#kept(this.#next, this.#continuations.key(state, left), () => {
      const { banned, open } = this.#outcome(state);
      const { ends, others, endsAnywhere } = this.#roles;
      const stuck = open.filter(([, end]) => !this.canGoOn(end, left));
      const outside = others.filter(([, bytes]) => !this.mayFollow(state, bytes, left));
      const halves = new Set(idsOf(open.filter(([, end]) => !this.#scanner.mayEnd(end))));
      const tooEarly = this.#scanner.mayEnd(state) ? [] : ends;
      return {
        banned: [
          ...banned,
          Int32Array.from([...idsOf(stuck), ...idsOf(outside), ...tooEarly, ...(endsAnywhere ? halves : [])]),
        ],
        halves: Int32Array.from(halves),
      };
    });
  }

  /** Whether a token ends a text. */
  isEnd(id: number): boolean {
    return this.#roles.ends.includes(id);
  }

  /** The state after bytes, whatever they complete. */
  stateAfter(state: number, bytes: Uint8Array): number {
    return bytes.reduce((before, byte) => {
      const result = this.#scanner.scan(before, byte);
      return isBanned(result) ? unbanned(result) : result;
    }, state);
  }

  /** Whether bytes may follow, and then up to `left` tokens. */
  mayFollow(state: number, bytes: Uint8Array, left: number): boolean {
    let end = state;
    for (const byte of bytes) {
      end = this.#scanner.scan(end, byte);
      if (isBanned(end)) return false;
    }
    return this.canGoOn(end, left);
  }

  #outcome(state: number): Outcome {
    return this.#kept(this.#outcomes, state, () =>
      this.#scanner.isPartial(state) ? this.#afterPart(state) : this.#afterCharacter(state),
    );
  }

  #afterCharacter(state: number): Outcome {
    const ground = this.#scanner.ground(state);
    if (ground === state) return this.#collect('all', state);
    return joined(this.#outcome(ground), this.#collect('all', state, ground));
  }

  /** After a part of a character come its other bytes, or else U+FFFD and then any other token. */
  #afterPart(state: number): Outcome {
    const completed = this.#collect('continuing', state);
    const broken = this.#scanner.breakOff(state);
    if (!isBanned(broken)) return joined(completed, this.#beginning(broken));
    return joined(completed, { banned: this.#reader.ids('beginning'), open: [] });
  }

  /** The tokens after a state, of those that do not continue a character. */
  #beginning(state: number): Outcome {
    return this.#kept(this.#beginnings, state, () => {
      const continuing = new Set(this.#reader.ids('continuing').flatMap((ids) => [...ids]));
      const { banned, open } = this.#outcome(state);
      return {
        banned: banned.map((list) => list.filter((id) => !continuing.has(id))),
        open: open.filter(([id]) => !continuing.has(id)),
      };
    });
  }

  #kept<T>(known: Map<number, T>, key: number, find: () => T): T {
    let found = known.get(key);
    if (found === undefined) {
      if (known.size >= MOST_KEPT) known.clear();
      found = find();
      known.set(key, found);
    }
    return found;
  }

  /** `twin`: see `TokenReader`. */
  #collect(part: Part, state: number, twin?: number): Outcome {
    const banned: number[] = [];
    const open: OpenToken[] = [];
    const visit = (ids: Int32Array, result: number) => {
      const isOpen = !isBanned(result) && this.#isOpen(result);
      for (const id of ids) {
        if (this.isEnd(id)) continue;
        if (isBanned(result)) banned.push(id);
        else if (isOpen) open.push([id, result]);
      }
      return true;
    };
    this.#reader.read(part, state, visit, twin);
    return { banned: [Int32Array.from(banned)], open };
  }

  #isOpen(state: number): boolean {
    return !this.#scanner.mayEnd(state) || !this.#continuations.leadsHome(state);
  }
}

const idsOf = (tokens: readonly (readonly [id: number, rest: unknown])[]) => tokens.map(([id]) => id);

function joined(a: Outcome, b: Outcome): Outcome {
  return { banned: [...a.banned, ...b.banned], open: [...a.open, ...b.open] };
}

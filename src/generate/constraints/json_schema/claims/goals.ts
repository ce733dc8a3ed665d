import { type Documents, nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject } from '../documents/json.js';
import { refused } from '../refuse.js';
import { type Scope, Scopes } from './scope.js';

/** What a claim is about: a schema in its dynamic scope, or several of them of which one holds. */
export type Subject = SchemaSubject | { readonly id: number; readonly anyOf: readonly Goal[] };
export interface SchemaSubject {
  readonly id: number;
  readonly node: SchemaNode;
  readonly scope: Scope;
}

/** That a schema holds, or that it does not. */
export interface Claim {
  readonly subject: Subject;
  readonly holds: boolean;
}

/** The values for which all claims are true. Equal goals are the same object. */
export interface Goal {
  readonly key: string;
  readonly claims: readonly Claim[];
}

/** A schema as two goals: the values that are valid and the values that are not. */
export interface Test {
  readonly yes: Goal;
  readonly no: Goal;
}

/** Keywords that describe and do not restrict. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$comment',
  '$defs',
  '$schema',
  'default',
  'definitions',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);
/** Longest text of a schema that is compared with others, so that equal ones become one. */
const LONGEST_COMPARED = 500;
/** Most goals: subschemas that were combined. Each combination of a recursive schema with others is one more. */
const MOST_GOALS = 20_000;

/** The place of a goal in messages: its first schema. */
export function placeOf({ claims }: Goal): string {
  for (const { subject } of claims) if ('node' in subject) return nameOf(subject.node);
  return '#';
}

/** Makes goals. */
export class Goals {
  readonly always: Goal = { key: '', claims: [] };
  readonly never: Goal = { key: 'never', claims: [] };
  readonly scopes = new Scopes();
  readonly #documents: Documents;
  readonly #goals = new Map<string, Goal>();
  readonly #subjects = new Map<string, Subject>();

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** A schema that is reached from a scope. */
  test(node: SchemaNode, scope: Scope): Test {
    return this.#test(node, scope, 0);
  }

  #test(node: SchemaNode, outer: Scope, aliases: number): Test {
    const { value } = node;
    if (typeof value === 'boolean') return value ? this.#constant(true) : this.#constant(false);
    if (!isObject(value)) throw refused(nameOf(node), 'must be a schema: an object, true or false');
    const scope = this.scopes.enter(outer, node.resource);
    const isDraft7 = node.resource.dialect === 'draft7';
    const keywords = Object.keys(value).filter(
      (keyword) =>
        value[keyword] !== undefined &&
        (isDraft7 && value.$ref !== undefined ? keyword === '$ref' : !ANNOTATIONS.has(keyword)),
    );
    if (keywords.length === 0) return this.#constant(true);
    if (keywords.length === 1 && keywords[0] === '$ref') {
      if (aliases > 1000) throw refused(`${nameOf(node)}/$ref`, 'refers to itself');
      return this.#test(this.#documents.resolve(node, '$ref', value.$ref!).node, scope, aliases + 1);
    }
    return this.#pair(this.#subject(node, scope));
  }

  #constant(isAlways: boolean): Test {
    return isAlways ? { yes: this.always, no: this.never } : { yes: this.never, no: this.always };
  }

  #subject(node: SchemaNode, scope: Scope): Subject {
    const text = JSON.stringify(node.value);
    const place = text.length <= LONGEST_COMPARED ? `${node.resource.uri} ${text}` : `${node.id}`;
    return this.#known(`${place} ${scope.key}`, (id) => ({ id, node, scope }));
  }

  /** One of the schemas at least. */
  anyOf(tests: readonly Test[]): Test {
    if (tests.some(({ yes }) => yes === this.always)) return this.#constant(true);
    const open = tests.filter(({ yes }) => yes !== this.never);
    if (open.length < 2) return open[0] ?? this.#constant(false);
    const goals = open.map(({ yes }) => yes);
    const subject = this.#known(`any ${goals.map(({ key }) => key).join('|')}`, (id) => ({
      id,
      anyOf: goals,
    }));
    return {
      yes: this.#goal([{ subject, holds: true }]),
      no: open.reduce((no, test) => this.both(no, test.no), this.always),
    };
  }

  both(a: Goal, b: Goal): Goal {
    if (a === b || b === this.always) return a;
    if (a === this.always) return b;
    if (a === this.never || b === this.never) return this.never;
    const claims = new Map(a.claims.map((claim) => [claim.subject.id, claim]));
    for (const claim of b.claims) {
      if (claims.get(claim.subject.id)?.holds === !claim.holds) return this.never;
      claims.set(claim.subject.id, claim);
    }
    return this.#goal([...claims.values()]);
  }

  #pair(subject: Subject): Test {
    return { yes: this.#goal([{ subject, holds: true }]), no: this.#goal([{ subject, holds: false }]) };
  }

  #goal(claims: readonly Claim[]): Goal {
    const sorted = [...claims].sort((a, b) => a.subject.id - b.subject.id);
    const key = sorted.map(({ subject, holds }) => (holds ? `${subject.id}` : `!${subject.id}`)).join('&');
    let goal = this.#goals.get(key);
    if (goal === undefined) {
      if (this.#goals.size >= MOST_GOALS) {
        throw refused(
          '#',
          `combines more than ${MOST_GOALS} different sets of schemas; use fewer anyOf, oneOf and not`,
        );
      }
      // Claims stay in their order, since the first that names a property gives it its place.
      goal = { key, claims };
      this.#goals.set(key, goal);
    }
    return goal;
  }

  #known(key: string, make: (id: number) => Subject): Subject {
    let subject = this.#subjects.get(key);
    if (subject === undefined) {
      subject = make(this.#subjects.size + 1);
      this.#subjects.set(key, subject);
    }
    return subject;
  }
}

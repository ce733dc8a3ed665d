/** `head` is true if all of `body` are. */
export interface Clause {
  readonly head: object;
  readonly body: readonly object[];
}

/** What follows from the clauses, in linear time (Dowling and Gallier 1984). */
export function derivable(clauses: readonly Clause[]): ReadonlySet<object> {
  const open = clauses.map(({ head, body }) => ({ head, missing: body.length }));
  const uses = new Map<object, number[]>();
  clauses.forEach(({ body }, i) => {
    for (const each of body) {
      const used = uses.get(each);
      if (used === undefined) uses.set(each, [i]);
      else used.push(i);
    }
  });
  const found = new Set<object>();
  const queue = open.filter(({ missing }) => missing === 0).map(({ head }) => head);
  for (let fact = queue.pop(); fact !== undefined; fact = queue.pop()) {
    if (found.has(fact)) continue;
    found.add(fact);
    for (const i of uses.get(fact) ?? []) {
      const clause = open[i]!;
      if (--clause.missing === 0) queue.push(clause.head);
    }
  }
  return found;
}

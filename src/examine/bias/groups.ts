import { invalidOption } from '../../base/check_options.js';

/** The items of each group, in the order in which the groups appear; items of `undefined` are in none. */
export function groupsOf<T>(items: readonly T[], groupOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    if (group === undefined) continue;
    if (typeof group !== 'string') throw invalidOption('a group', group, 'a text');
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [item]);
    else members.push(item);
  }
  return groups;
}

/** What `summary` makes of each group, as an object without a prototype whose keys are the groups. */
export function byGroup<T, R>(
  items: readonly T[],
  groupOf: (item: T) => string | undefined,
  summary: (members: readonly T[]) => R,
): Record<string, R> {
  const found: Record<string, R> = Object.create(null);
  for (const [group, members] of groupsOf(items, groupOf)) found[group] = summary(members);
  return found;
}

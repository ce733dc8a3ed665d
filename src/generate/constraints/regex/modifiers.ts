import type { AST } from '@eslint-community/regexpp';

/** Whether a flag is on at a node: the innermost group `(?flags:...)` or `(?-flags:...)` that names it decides. */
export function isOn(node: AST.Node, flag: 'ignoreCase' | 'dotAll' | 'multiline'): boolean {
  for (let at: AST.Node | null = node.parent; at !== null; at = at.parent) {
    if (at.type !== 'Group' || at.modifiers === null) continue;
    if (at.modifiers.add?.[flag]) return true;
    if (at.modifiers.remove?.[flag]) return false;
  }
  return false;
}

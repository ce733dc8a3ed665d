import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The content of every file below a folder, by its path; that of a link is `-> ` and its target. */
export type Tree = ReadonlyMap<string, string>;

export function treeOf(folder: string): Tree {
  const files = new Map<string, string>();
  const visit = (inner: string) => {
    for (const name of readdirSync(join(folder, inner)).sort()) {
      const path = join(inner, name);
      const found = lstatSync(join(folder, path));
      if (found.isDirectory()) visit(path);
      else if (found.isSymbolicLink()) files.set(path, `-> ${readlinkSync(join(folder, path))}`);
      else files.set(path, readFileSync(join(folder, path), 'latin1'));
    }
  };
  visit('');
  return files;
}

/** The paths whose files differ between two folders; empty if they are equal. */
export function differences(tree: Tree, other: Tree): string[] {
  const paths = new Set([...tree.keys(), ...other.keys()]);
  return [...paths].filter((path) => tree.get(path) !== other.get(path)).sort();
}

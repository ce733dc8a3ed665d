import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A fenced block of a page. */
export interface CodeBlock {
  /** The page's path in the repository. */
  readonly page: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** `js`, `sh`, `html`, or the empty string. */
  readonly language: string;
  /** The rest of the fence's line: empty, `browser`, or `no-run: REASON`. */
  readonly note: string;
  readonly code: string;
}

/**
 * Pages whose blocks are run: README.md and all of docs/ but what typedoc generates and the notes on the
 * design.
 */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.split(sep).join('/')}`)
    .filter((name) => name.endsWith('.md') && !/^docs\/(api|design)\//.test(name))
    .sort(),
];

export const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** The fenced blocks of a page, in its order. */
export function codeBlocks(page: string): CodeBlock[] {
  const lines = textOf(page).split('\n');
  const blocks: CodeBlock[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w*) ?(.*)$/.exec(lines[i]!);
    if (fence === null) continue;
    const end = lines.indexOf('```', i + 1);
    if (end === -1) throw new Error(`${page}:${i + 1}: the block has no end`);
    const code = `${lines.slice(i + 1, end).join('\n')}\n`;
    blocks.push({ page, line: i + 2, language: fence[1]!, note: fence[2]!, code });
    i = end;
  }
  return blocks;
}

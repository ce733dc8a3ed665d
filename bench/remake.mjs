// npm run bench:remake: measures the figures of docs/benchmarks.md again, and says which ones changed. It takes hours, and writes
// each block as soon as it is measured.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandLine, wrongUse } from '../scripts/command_line.mjs';
import { blocksOf, dateOf, withBody } from './lib/remake/blocks.mjs';
import { changes } from './lib/remake/changes.mjs';
import { measured } from './lib/remake/measured.mjs';

const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const USAGE = `npm run bench:remake [-- WORD ... --before DATE]
WORD: of the command or heading of a block of docs/benchmarks.md; by default all are measured
--before: leaves out the blocks that were measured on that day or later, to go on with a run that was stopped`;

const { values, positionals: words } = commandLine(USAGE, {
  options: { before: { type: 'string' } },
  allowPositionals: true,
});
if (values.before !== undefined && !/^\d{4}-\d\d-\d\d$/.test(values.before)) {
  wrongUse(USAGE, '--before takes a date such as 2026-11-29');
}
const isWanted = (block) =>
  (words.length === 0 ||
    words.some((word) => block.command.includes(word) || block.heading.includes(word))) &&
  (values.before === undefined || (dateOf(block) ?? '') < values.before);
const chosen = blocksOf(readFileSync(PAGE, 'utf8')).filter(isWanted);
if (chosen.length === 0) {
  console.error('No block of docs/benchmarks.md is chosen');
  process.exit(2);
}

let failed = 0;
for (const [i, block] of chosen.entries()) {
  console.error(`\n[${i + 1}/${chosen.length}] ${block.heading}: ${block.command}`);
  const body = measured(block.command);
  if (body === undefined) {
    failed++;
    console.log(`${block.heading}: failed: ${block.command}`);
    continue;
  }
  // Read again: a person may have edited the page meanwhile.
  const page = withBody(readFileSync(PAGE, 'utf8'), block.command, body);
  writeFileSync(`${PAGE}.new`, page);
  renameSync(`${PAGE}.new`, PAGE);
  for (const change of changes(block.body, body)) console.log(`${block.heading}: ${change}`);
}
process.exit(failed === 0 ? 0 : 1);

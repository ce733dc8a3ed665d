import { humanBytes } from '../../src/base/human_bytes.js';
import type { FuzzRun } from './fuzz_run.js';

const COLUMNS = ['target', 'inputs', 'kept', 'blocks', 'memory', 'failures'];

/** Results of runs as a table in Markdown, with their sum. */
export function table(runs: readonly FuzzRun[]): string {
  const rows = runs.map((run) => [
    ...[run.name, run.inputs, run.state.kept.length, run.blocks],
    ...[humanBytes(run.mostBytes), run.failures.length],
  ]);
  const sum = (of: (run: FuzzRun) => number) => runs.reduce((total, run) => total + of(run), 0);
  const total = ['all', sum((run) => run.inputs), '', '', '', sum((run) => run.failures.length)];
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...rows, total];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

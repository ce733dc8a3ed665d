import { limitsTable, printMachine, spread, table } from '../markdown.mjs';
import { label } from './runs.mjs';

/** Prints the results of `run` as Markdown. */
export function print({ machine, rows, limits, loads, targets, minutes }) {
  printMachine(machine);
  const done = rows.filter(({ failure }) => failure === undefined);
  table(
    'GPT-2 124M, random weights: median (least to most)',
    [
      'engine',
      'where',
      'weights',
      'threads',
      'runtime, KB gzip',
      'load s',
      'first token of 512, cold, s',
      'prompt of 512, tokens/s',
      '128 tokens after 32, tokens/s',
      'peak MB',
    ],
    done.map((row) => [
      [row.engine, row.build].filter(Boolean).join(', '),
      row.host === 'node' ? 'Node' : 'Chromium',
      row.stored,
      String(row.threads),
      downloadCell(row),
      (row.loadMs / 1000).toFixed(2),
      (row.firstTokenMs / 1000).toFixed(2),
      spread(row.promptTokensPerSecond, 0),
      spread(row.decodeTokensPerSecond, 0),
      row.peakMegabytes?.toFixed(0) ?? '?',
    ]),
  );
  limitsTable(limits);
  table(
    'Loading to q8 in a fresh process',
    ['from', 'seconds'],
    Object.entries(loads).map(([name, times]) => [name, spread(times, 2, 0.001)]),
  );
  table(
    'Targets',
    ['target', 'wanted', 'measured', ''],
    targets.map(({ name, wanted, measured, outcome }) => [name, wanted, measured, outcome]),
  );
  const failed = rows.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) console.log('\nWithout figures:\n');
  for (const row of failed) console.log(`- ${label(row)}: ${row.failure}`);
  console.log(`\n${minutes.toFixed(0)} minutes.`);
}

function downloadCell({ isNative, downloads }) {
  if (isNative) return 'native';
  return downloads === undefined ? '' : (downloads.bytes / 1000).toFixed(0);
}

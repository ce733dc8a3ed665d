import { printMachine, spread, table } from '../markdown.mjs';
import { label } from './runs.mjs';

/** Prints the results of `run` as Markdown. */
export function print({ machine, length, limits, rows }) {
  printMachine(machine);
  const done = rows.filter(({ failure }) => failure === undefined);
  table(
    `A step of AdamW, or of Muon, on B x ${length} tokens, f32, random weights: median (least to most)`,
    [
      'engine',
      'shape',
      'B',
      'threads',
      'tokens/s',
      'of gpt2-wasm',
      '% of multiply-add peak',
      'peak MB',
      'bytes/parameter',
      'losses, first and last',
    ],
    done.map((row) => [
      [row.engine, row.build ?? row.version].filter(Boolean).join(', '),
      row.size,
      String(row.batch),
      String(row.threads),
      spread(row.tokensPerSecond),
      ratio(row, done),
      spread(row.shareOfPeak, 0, 100),
      row.peakMegabytes.toFixed(0),
      row.size === '1M' ? '' : row.bytesPerParameter.toFixed(1),
      `${row.firstLoss.toFixed(4)}, ${row.lastLoss.toFixed(4)}`,
    ]),
  );
  table(
    'The most that this machine computes in WebAssembly with 128-bit vectors, in the same rounds',
    ['threads', 'f32 multiply-add GFLOP/s'],
    Object.entries(limits).map(([threads, { multiplyAdd }]) => [threads, spread(multiplyAdd)]),
  );
  const failed = rows.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) console.log('\nWithout figures:\n');
  for (const row of failed) console.log(`- ${label(row)}: ${row.failure}`);
}

/** How many times as fast as the faster build of gpt2-wasm on the same shape and threads. */
function ratio(row, rows) {
  const own = rows.filter(
    ({ engine, size, threads }) => engine === 'gpt2-wasm' && size === row.size && threads === row.threads,
  );
  if (own.length === 0) return '';
  const best = Math.max(...own.map(({ tokensPerSecond }) => tokensPerSecond.median));
  return `${(row.tokensPerSecond.median / best).toFixed(2)} x`;
}

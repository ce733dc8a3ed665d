import { limitsTable, printMachine, spread, table } from '../markdown.mjs';
import { label } from './runs.mjs';

const PLACES = { node: 'Node', chromium: 'Chromium' };

/** Prints the results of `run` as Markdown. */
export function print({ machine, model, picture, tokens, rows, ratios, limits, ids, minutes }) {
  printMachine(machine);
  const done = rows.filter(({ failure }) => failure === undefined);
  table(
    `Captions of ${tokens} tokens, captioner ${model}, random weights: milliseconds, median (least to most)`,
    [
      'engine',
      'where',
      'weights',
      'threads',
      'load s',
      `${picture.width} x ${picture.height} JPEG to pixels`,
      'encode',
      'a token after the first',
      'pixels to caption',
      'image to caption',
      'peak MB',
      'ids of f32',
    ],
    done.map((row) => [
      [row.engine, row.build, row.isNative && 'native'].filter(Boolean).join(', '),
      PLACES[row.host],
      row.weights,
      String(row.threads),
      (row.loadMs / 1000).toFixed(2),
      cell(row.pixels),
      cell(row.encode),
      cell(row.token),
      cell(row.caption, 0),
      cell(row.whole, 0),
      row.peakMegabytes?.toFixed(0) ?? '?',
      row.sameIds === undefined ? '' : `${Math.round(100 * row.sameIds)} %`,
    ]),
  );
  table(
    'How many times as fast gpt2-wasm is, its faster build beside each peer in the same place (least to most in a round)',
    [
      'beside',
      'where',
      'weights',
      'threads',
      'JPEG to pixels',
      'encode',
      'a token',
      'pixels to caption',
      'image to caption',
    ],
    ratios.map(({ engine, host, weights, threads, ...times }) => [
      ...[engine, PLACES[host], weights, String(threads)],
      ...['pixels', 'encode', 'token', 'caption', 'whole'].map((kind) => cell(times[kind], 2)),
    ]),
  );
  limitsTable(limits);
  const failed = rows.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) console.log('\nWithout figures:\n');
  for (const row of failed) console.log(`- ${label(row)}: ${row.failure}`);
  if (ids.different.length > 0) {
    console.log(
      '\nOther captions in f32 than the first run, so that the figures compare different results:\n',
    );
    for (const name of ids.different) console.log(`- ${name}`);
  }
  console.log(`\n${minutes.toFixed(0)} minutes.`);
}

const cell = (times, decimals = 1) => (times === undefined ? '' : spread(times, decimals));

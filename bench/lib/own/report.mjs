import { printMachine, spread, table } from '../markdown.mjs';

/** Prints the results of `run` for people: medians, with least and most in brackets. */
export function print({ machine, models, masks, tokenizers }) {
  printMachine(machine);
  table(
    'GPT-2 124M, random weights, 1 thread: median (least to most)',
    [
      'Node',
      'build',
      'weights',
      'load s',
      'prompt of 512, tokens/s',
      '% of f32 multiply-add peak',
      '% with attention',
      'decode after 32, tokens/s',
      '% of read bandwidth',
      'peak MB',
    ],
    models.map((row) => [
      row.node,
      row.build,
      row.weights,
      (row.loadMs / 1000).toFixed(2),
      spread(row.promptTokensPerSecond),
      spread(row.promptShareOfPeak, 0, 100),
      spread(row.promptShareWithAttention, 0, 100),
      spread(row.decodeTokensPerSecond),
      spread(row.decodeShareOfBandwidth, 0, 100),
      row.peakMegabytes.toFixed(0),
    ]),
  );
  table(
    'The most that this machine reads and computes in WebAssembly on 1 thread, in the same processes',
    ['Node', 'build', 'multiply-add GFLOP/s', 'read GB/s'],
    models.map((row) => [row.node, row.build, spread(row.multiplyAddGflops), spread(row.readGigabytes)]),
  );
  table(
    'Masks of formats over 50,257 tokens: microseconds to find and apply one, in the first text after compiling, and again',
    ['Node', 'format', 'tokens', 'compiled in ms', 'average', 'slowest', 'again: average', 'slowest'],
    masks.map((row) => [
      row.node,
      row.name,
      String(row.tokens),
      spread(row.compileMs, 2),
      spread(row.average, 0),
      spread(row.slowest, 0),
      spread(row.laterAverage, 0),
      spread(row.laterSlowest, 0),
    ]),
  );
  table(
    'Tokenizers, English text',
    ['Node', 'tokenizer', 'load ms', 'MB/s'],
    tokenizers.map((row) => [row.node, row.name, row.loadMs.toFixed(0), spread(row.megabytesPerSecond)]),
  );
}

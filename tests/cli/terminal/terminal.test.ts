import { Command, Option } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitHelp, helpConfiguration } from '../../../src/cli/terminal/help_format.js';
import { reportProgress } from '../../../src/cli/terminal/progress/file_progress.js';
import { TrainProgress } from '../../../src/cli/terminal/progress/train_progress.js';
import { canRedraw, columnsOf, usesColors } from '../../../src/cli/terminal/terminal.js';

const stream = (isTTY: boolean, columns?: number) => {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return { isTTY, write, written, ...(columns !== undefined && { columns }) };
};

test('bars need a terminal that can be redrawn, colours one without NO_COLOR', () => {
  assert.equal(
    [
      [true, {}],
      [true, { NO_COLOR: '' }],
      [true, { NO_COLOR: '1' }],
      [true, { TERM: 'dumb' }],
      [false, {}],
    ].map(([isTTY, environment]) => {
      const terminal = stream(isTTY as boolean);
      return [
        canRedraw(terminal, environment as NodeJS.ProcessEnv),
        usesColors(terminal, environment as NodeJS.ProcessEnv),
      ];
    }),
    [
      [true, true],
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ],
  );
});

test('columns are those of the terminal, at most 100', () => {
  assert.equal(
    [undefined, 0, 40, 300].map((columns) => columnsOf(stream(true, columns))),
    [80, 80, 40, 100],
  );
});

test('a long flag has its description below, and takes no room from the others', () => {
  const help = new Command()
    .helpOption(false)
    .configureHelp(helpConfiguration())
    .addOption(new Option('--a-very-long-name-of-an-option <number>', 'long'))
    .addOption(new Option('--short <number>', 'short'))
    .helpInformation();
  const [, options] = help.split('Options:\n');
  const lines = [
    '  --a-very-long-name-of-an-option <number>',
    '      long',
    `${'  --short <number>'.padEnd(34)}short`,
  ];
  assert.equal(options!.trimEnd().split('\n'), lines);
});

test('a dumb terminal gets lines in place of bars', () => {
  const { TERM } = process.env;
  process.env.TERM = 'dumb';
  try {
    let time = 0;
    const terminal = stream(true, 80);
    const loading = reportProgress(terminal, 'loading', { now: () => time });
    time = 3000;
    loading.update({ loaded: 1, total: 2, file: 'a' });
    const training = new TrainProgress(terminal, 9, () => time);
    training.update({ step: 1, loss: 2, gradNorm: 1, learningRate: 1, tokens: 1, tokensPerSecond: 10 });
    training.end();
    assert.is(terminal.written.join(''), 'loading a 50 %\nstep 1/9: loss 2.000, 10 tokens/s, 0 s left\n');
  } finally {
    if (TERM === undefined) delete process.env.TERM;
    else process.env.TERM = TERM;
  }
});

test('paragraphs of a help text fit a narrow terminal, and keep their words', () => {
  const text = `${'some words that are not short '.repeat(5)}\nand a second line\n\nExamples:\n  one\n  two\n`;
  const fitted = fitHelp(text, 40);
  assert.ok(fitted.split('\n').every((line) => line.length <= 40));
  assert.equal(fitted.split(/\s+/), text.split(/\s+/));
  assert.match(fitted, 'Examples:\n  one\n  two\n');
  assert.is(fitHelp(text, 80), text);
});

test.run();

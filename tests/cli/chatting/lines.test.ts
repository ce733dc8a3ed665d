import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEntry } from '../../../src/cli/chatting/entry.js';
import { INTERRUPTED, LONGEST_LINE, PipedLines, TerminalLines } from '../../../src/cli/chatting/lines.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';

const piped = (...chunks: (string | Uint8Array)[]) =>
  new PipedLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));

/** A terminal that types keys, and what it was shown. */
function terminal(history: readonly string[] = []) {
  const [keys, screen] = [new PassThrough(), new PassThrough()];
  let shown = '';
  screen.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const lines = new TerminalLines(keys, screen, history);
  return { lines, type: (text: string) => keys.write(text), shown: () => shown };
}

async function entriesOf(lines: PipedLines): Promise<string[]> {
  const entries: string[] = [];
  for (;;) {
    try {
      const entry = await readEntry(lines, '');
      if (entry === undefined) return entries;
      entries.push(`${entry.isCommand ? 'command: ' : ''}${entry.text}`);
    } catch (error) {
      entries.push(`error: ${(error as Error).message}`);
    }
  }
}

test('lines on a pipe come as they are, however they are cut into chunks', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u001b', '\t', '\0', ' '), maxLength: 5 });
  await holds(
    'piped lines',
    fc.record({
      lines: fc.array(line, { maxLength: 6 }),
      size: fc.integer({ min: 1, max: 9 }),
      end: fc.boolean(),
    }),
    async ({ lines, size, end }) => {
      const bytes = Buffer.from(lines.join('\n') + (end && lines.length > 0 ? '\n' : ''));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const given = piped(...chunks);
      const read: string[] = [];
      for (let each = await given.read(); each !== undefined; each = await given.read()) read.push(each);
      // An empty last line without a line break is no line.
      assert.equal(read, end || lines.at(-1) !== '' ? lines : lines.slice(0, -1));
    },
    100,
  );
});

test('a line that is not UTF-8 or too long is refused by its number, and the next ones are read', async () => {
  const long = 'x'.repeat(LONGEST_LINE / 4 + 1);
  const entries = await entriesOf(
    piped('a\r\n', Uint8Array.of(0x61, 0xff, 0x0a), 'b\n', long, long, long, long, '\nc'),
  );
  assert.equal(entries, [
    'a',
    'error: line 2 on stdin is not UTF-8 text; it was left out',
    'b',
    `error: line 4 on stdin has more than ${LONGEST_LINE} bytes; it was left out`,
    'c',
  ]);
});

test('a backslash continues a line, and fences hold several', async () => {
  const text = ['one \\', 'two', '"""', 'a', '', ' b\\', '"""', '"""c"""', '"""d', 'e"""', '"""', 'open'];
  assert.equal(await entriesOf(piped(text.join('\n'))), ['one \ntwo', 'a\n\n b\\', 'c', 'd\ne', 'open']);
  assert.equal(await entriesOf(piped('a\\')), ['a']);
  assert.equal(await entriesOf(piped('/a\\\nb\n"""/c"""\n /d')), ['command: /a\nb', '/c', ' /d']);
  const many = `${'x'.repeat(2 ** 19)}\\\n`.repeat(3);
  assert.equal(await entriesOf(piped(many, 'end\nnext')), [
    'error: the message has more than 1048576 characters; it was left out',
    'next',
  ]);
});

test('closed lines end, also while one is waited for', async () => {
  const never = new PassThrough();
  const lines = new PipedLines(never);
  const waiting = lines.read();
  lines.close();
  assert.is(await waiting, undefined);
  assert.is(await lines.read(), undefined);
  const { lines: typed } = terminal();
  const read = typed.read('> ');
  typed.close();
  assert.equal([await read, await typed.read('> ')], [undefined, undefined]);
});

test('a terminal shows its prompt, calls lines back and keeps them', async () => {
  const { lines, type, shown } = terminal(['older', 'oldest']);
  const first = lines.read('> ');
  type(`${UP}${UP}!\r`);
  assert.is(await first, 'oldest!');
  assert.match(shown(), '> ');
  // Lines that are typed while nothing is read wait.
  type('second\rthird\r');
  assert.is(await lines.read('> '), 'second');
  assert.is(await lines.read('> '), 'third');
  assert.equal(lines.history.slice(0, 4), ['third', 'second', 'oldest!', 'older']);
  const last = lines.read('> ');
  type(CTRL_D);
  assert.is(await last, undefined);
});

test('Ctrl-C deletes a line, then ends; in a message of several lines it begins again', async () => {
  const { lines, type } = terminal();
  const first = lines.read('> ');
  type(`half${CTRL_C}whole\r`);
  assert.is(await first, 'whole');
  const second = lines.read('> ');
  type(CTRL_C);
  assert.is(await second, INTERRUPTED);
  let interrupts = 0;
  lines.onInterrupt = () => interrupts++;
  type(CTRL_C);
  type(CTRL_C);
  assert.is(interrupts, 2);
  const entry = readEntry(lines, '> ');
  type(`"""a\r`);
  await new Promise((resolve) => setImmediate(resolve));
  type(`${CTRL_C}`);
  await new Promise((resolve) => setImmediate(resolve));
  type('b\r');
  assert.equal(await entry, { text: 'b', isCommand: false });
  const end = readEntry(lines, '> ');
  type(CTRL_C);
  assert.is(await end, undefined);
  lines.close();
});

test('a terminal takes very long lines and control characters', async () => {
  const { lines, type } = terminal();
  const read = lines.read('> ');
  type(`${'y'.repeat(50_000)}\u0000\u0007\r`);
  assert.match((await read) as string, /^y{50000}/);
  lines.close();
});

test('a piped line may be no text at all', async () => {
  await thrown(() => piped(Uint8Array.of(0xc3)).read(), 'invalid-option', 'line 1 on stdin is not UTF-8');
});

test.run();

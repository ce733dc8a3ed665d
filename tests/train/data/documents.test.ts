import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataFile, DataFormat, DocumentPart } from '../../../src/files/data_file.js';
import { readDocuments } from '../../../src/train/data/read_documents.js';
import type { SkippedText } from '../../../src/train/data/skipping.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { loadSmall, randomText, wellFormed } from '../../tokenizer/helpers.js';
import { collect, memoryFile } from '../support.js';

async function parts(...files: DataFile[]): Promise<DocumentPart[]> {
  return collect(readDocuments(files));
}

/** Whole documents of parts: their texts and the lines that they begin in. */
function joined(all: readonly DocumentPart[]): { text: string; line: number }[] {
  const documents: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const { text, line, last } of all) {
    open = { text: (open?.text ?? '') + text, line: open?.line ?? line };
    if (!last) continue;
    documents.push(open);
    open = undefined;
  }
  assert.is(open, undefined, 'the last document ends');
  return documents;
}

/** The rule, on a whole string. */
function naiveDocuments(content: string): { text: string; line: number }[] {
  let start = 0;
  return content
    .split('<|endoftext|>')
    .map((document, i) => {
      const lead = i === 0 ? '' : /^(\r?\n)?/.exec(document)![0];
      const line = (content.slice(0, start) + lead).split('\n').length;
      start += document.length + '<|endoftext|>'.length;
      return { text: document.slice(lead.length).replace(/\r?\n$/, ''), line };
    })
    .filter(({ text }) => text !== '');
}

test('text files are cut at separators, for any division into chunks', async () => {
  const random = randomSource(601);
  for (let round = 0; round < 300; round++) {
    const pieces = Array.from({ length: random.below(12) }, () =>
      random.pick([
        ...[
          '<|endoftext|>',
          '\n<|endoftext|>\n',
          '\r\n<|endoftext|>\r\n',
          '<|endof',
          '<',
          '\n',
          '\r\n',
          '\r',
        ],
        ...['text|>', 'a story\n\nwith lines', wellFormed(randomText(random, 60))],
      ]),
    );
    const content = pieces.join('').replace(/^\ufeff+/, '');
    const documents = joined(await parts(memoryFile('a.txt', 'text', content, random)));
    assert.equal(documents, naiveDocuments(content), JSON.stringify(content));
  }
});

test('a byte order mark at the start is not part of the text', async () => {
  const [part] = await parts(memoryFile('a.txt', 'text', '\ufeffOnce'));
  assert.is(part!.text, 'Once');
});

test('long documents are given in parts that have the tokens of the whole', async () => {
  const tokenizer = await loadSmall();
  const random = randomSource(602);
  for (const [unit, separators] of [
    ['ab c', [' ', '  ', '\n', '\n\n', ' \n', ' ab', '\u3000\n', '\u3000 ', '。\n']],
    ['\u4e00ab', ['\n', '\u3000\n', ' ']],
  ] as const) {
    let text = 'start';
    while (text.length < 2_500_000) text += unit.repeat(1 + random.below(8)) + random.pick(separators);
    text += 'end';
    const all = await parts(memoryFile('long.txt', 'text', `${text}\n<|endoftext|>\nnext`, random));
    assert.ok(all.length > 3);
    const documents = joined(all);
    assert.equal(
      documents.map(({ text: found }) => found === text),
      [true, false],
    );
    const ids = all.slice(0, -1).flatMap((part) => tokenizer.encode(part.text));
    assert.equal(Int32Array.from(ids), Int32Array.from(tokenizer.encode(text)));
  }
});

test('a text without white space is cut between characters', async () => {
  const text = '\u4e00'.repeat(6_000_000);
  const all = await parts(memoryFile('dense.txt', 'text', text));
  assert.ok(all.length > 1);
  assert.ok(joined(all)[0]!.text === text);
});

test('JSON lines give texts, prompts and completions with their line numbers', async () => {
  const lines = [
    '{"text":"One\\nday","id":7}',
    '',
    '  ',
    '{"prompt":"Q","completion":" A"}',
    '{"text":""}',
    '{"text":"end"}',
  ];
  for (const content of [lines.join('\n'), `${lines.join('\r\n')}\r\n`]) {
    const all = await parts(memoryFile('a.jsonl', 'jsonl', content, randomSource(603)));
    const file = 'a.jsonl';
    assert.equal(all, [
      { file, line: 1, prompt: '', text: 'One\nday', last: true },
      { file, line: 4, prompt: 'Q', text: ' A', last: true },
      { file, line: 6, prompt: '', text: 'end', last: true },
    ]);
  }
});

test('invalid data is refused with file and line', async () => {
  const refuse = (format: DataFormat, content: string | Uint8Array, ...words: (string | RegExp)[]) =>
    thrown(() => parts(memoryFile('bad', format, content)), 'invalid-file', ...words);
  const broken = new TextEncoder().encode('good\nline\nbad\u00e9');
  await refuse('text', broken.slice(0, -1), 'bad line 3', 'UTF-8');
  await refuse('jsonl', broken.slice(0, -1), 'bad line 1', 'JSON');
  await refuse('jsonl', new Uint8Array([0x22, 0xff, 0x22]), 'bad line 1', 'UTF-8');
  await refuse('jsonl', '{"text":"a"}\n{"text":1}', 'bad line 2', '"text"');
  await refuse('jsonl', '{"text":"a"}\n[1]', 'bad line 2', '"text"');
  await refuse('jsonl', '{"prompt":"a"}', 'bad line 1', '"completion"');
  await refuse('jsonl', '{"text":"a","prompt":"a","completion":"b"}', 'bad line 1');
  await refuse('jsonl', '{"prompt":"a","completion":""}', 'bad line 1', 'empty');
});

test('invalid lines and empty documents are skipped and reported, for any division into chunks', async () => {
  const lines = [
    '{"text":"a"}',
    'oops',
    '',
    '{"text":""}',
    '[1]',
    '{"prompt":"p","completion":""}',
    '{"text":"b"}',
  ];
  const encoded = new TextEncoder().encode(`${lines.join('\n')}\n"\u00e9"\n{"text":"c"}`);
  // A byte of UTF-8 that is cut off.
  const content = encoded.filter((byte) => byte !== 0xa9);
  const text = 'one<|endoftext|>\n\n<|endoftext|>two\n\n<|endoftext|><|endoftext|>\nthree<|endoftext|>';
  for (let seed = 0; seed < 20; seed++) {
    const random = randomSource(seed);
    const files = [
      memoryFile('a.jsonl', 'jsonl', content, random),
      memoryFile('b.txt', 'lines', content.slice(-16), random),
      memoryFile('c.txt', 'text', text, random),
    ];
    const skipped: string[] = [];
    const onSkip = ({ file, line, reason }: SkippedText) => skipped.push(`${file} ${line} ${reason}`);
    const all = await collect(readDocuments(files, { skipInvalid: true, onSkip }));
    assert.equal(
      all.map((part) => part.text),
      ['a', 'b', 'c', '{"text":"c"}', 'one', 'two\n', 'three'],
    );
    assert.match(skipped.shift()!, /^a\.jsonl 2 is not valid JSON: /);
    assert.equal(skipped, [
      'a.jsonl 4 is empty',
      'a.jsonl 5 must be an object with the string "text", or with the strings "prompt" and "completion"',
      'a.jsonl 6 has an empty completion, from which nothing can be learned',
      'a.jsonl 8 is not UTF-8 text',
      'b.txt 1 is not UTF-8 text',
      'c.txt 2 is empty',
      'c.txt 5 is empty',
    ]);
  }
  const wrong = readDocuments.bind(null, [], { skipInvalid: 1 } as never);
  await thrown(async () => wrong(), 'invalid-option', 'skipInvalid is 1');
});

test('progress counts the bytes of all files', async () => {
  const seen: number[] = [];
  const files = ['one two', 'three'].map((text, i) =>
    memoryFile(`${i}.txt`, 'text', text, randomSource(604)),
  );
  const reading = readDocuments(files, { onProgress: ({ loaded, total }) => seen.push(loaded, total) });
  assert.equal(
    (await collect(reading)).map(({ text }) => text),
    ['one two', 'three'],
  );
  assert.is(seen.at(-2), 12);
  assert.is(seen.at(-1), 12);
});

test.run();

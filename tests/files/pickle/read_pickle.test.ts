import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { PickleFile, readPickle } from '../../../src/files/pickle/read_pickle.js';
import { PickleName, PickleObject } from '../../../src/files/pickle/values.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';

type Hex = Record<'bytearray' | 'counter' | 'path' | 'date' | 'default', string> &
  Record<'values' | 'sets' | 'namespace' | 'cycle', string[]>;
const PICKLES = JSON.parse(
  readFileSync(new URL('../../fixtures/pickles/values.json', import.meta.url), 'utf8'),
) as Hex;

const read = (bytes: Uint8Array) => readPickle(bytes, 'x.pkl').value;
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
/** Bytes of a pickle: a string gives a byte for each character. */
const pickle = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)),
  );

test('values are those that Python pickled, in every protocol', () => {
  const bytes = (values: ArrayLike<number>) => Uint8Array.from(values);
  const all = Array.from({ length: 256 }, (_, i) => i);
  for (const [protocol, hex] of PICKLES.values.entries()) {
    const value = read(fromHex(hex)) as Map<unknown, unknown>;
    const title = `protocol ${protocol}`;
    assert.is(value.get('none'), null, title);
    assert.equal([value.get('yes'), value.get('no')], [true, false], title);
    assert.equal(
      value.get('ints'),
      [
        0,
        1,
        -1,
        255,
        256,
        65535,
        65536,
        -(2 ** 31),
        2 ** 31,
        2 ** 53 - 1,
        -(2n ** 53n),
        2n ** 64n,
        -(2n ** 70n),
      ].concat((10n ** 40n) as never),
      title,
    );
    assert.equal(value.get('floats'), [0.5, -2.25, 1e300, Infinity, -Infinity], title);
    assert.equal(
      value.get('texts'),
      ['', 'plain', 'größe 🐳', 'line\nend\\ back \\u0041 \'"', '\x00\x7f\xff', 'x'.repeat(300)],
      title,
    );
    const blobs = [bytes([]), bytes([0, 255]), bytes(all), bytes(new Array(300).fill(121))];
    if (protocol >= 1)
      assert.equal(
        (value.get('bytes') as Uint8Array[]).map((each) => bytes(each)),
        blobs,
        title,
      );
    assert.equal(value.get('tuples'), [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]], title);
    const [one, other] = value.get('shared') as unknown[];
    assert.is(one, other, title);
    assert.equal(one, ['a', [1, 2]], title);
    assert.equal(
      [...(value.get('ordered') as Map<string, number>)],
      [
        ['b', 1],
        ['a', 2],
      ],
      title,
    );
    assert.is(value.get(7), 'seven', title);
  }
});

test('sets are sets, in every protocol', () => {
  for (const hex of PICKLES.sets) {
    const value = read(fromHex(hex)) as Map<string, Set<number>>;
    assert.equal(
      [...value].map(([name, set]) => [name, ...set]),
      [['set', 3], ['frozen', 4], ['empty'], ['many', 5, 6]],
    );
  }
});

test('objects are inert: they name their class, and keep arguments, items and state', () => {
  for (const hex of PICKLES.namespace) {
    const object = read(fromHex(hex)) as PickleObject;
    assert.instance(object, PickleObject);
    assert.is(object.type.full, 'argparse.Namespace');
    assert.equal(
      object.state,
      new Map<string, unknown>([
        ['name', 'run'],
        ['lr', 0.5],
      ]),
    );
  }
  const counter = read(fromHex(PICKLES.counter)) as PickleObject;
  assert.is(counter.type.full, 'collections.Counter');
  assert.equal(counter.args, [
    new Map([
      ['a', 2],
      ['b', 1],
    ]),
  ]);
  const path = read(fromHex(PICKLES.path)) as PickleObject;
  assert.equal([path.type.full, path.args], ['pathlib.PurePosixPath', ['a', 'b']]);
  const grown = read(fromHex(PICKLES.default)) as PickleObject;
  assert.equal([...grown.entries!], [['k', [1]]]);
  assert.instance(grown.args[0], PickleName);
  assert.is((read(fromHex(PICKLES.date)) as PickleObject).type.full, 'datetime.date');
  assert.equal(Uint8Array.from(read(fromHex(PICKLES.bytearray)) as Uint8Array), Uint8Array.from([97, 98]));
});

test('a list may contain itself', () => {
  for (const hex of PICKLES.cycle) {
    const list = read(fromHex(hex)) as unknown[];
    assert.is(list[0], 1);
    assert.is(list[1], list);
  }
});

test('keys are data and change no object of JavaScript', () => {
  const value = read(pickle('}(X', [9, 0, 0, 0], '__proto__}X', [11, 0, 0, 0], 'constructorK', [1], 'u.'));
  assert.equal([...(value as Map<string, unknown>).keys()], ['__proto__', 'constructor']);
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

test("types that Python 2 had are data, as protocol 2 still names Python 3's", () => {
  const object = read(pickle('c__builtin__\nxrange\n(K', [1, 75, 5], 'tR.')) as PickleObject;
  assert.equal([object.type.full, object.args], ['builtins.xrange', [1, 5]]);
  assert.is((read(pickle('cbuiltins\nValueError\n.')) as PickleName).full, 'builtins.ValueError');
});

test('texts of Python 2 are UTF-8 or a character for each byte', () => {
  assert.is(read(pickle('U', [2], 'h\xe9.')), 'h\xe9');
  assert.is(read(pickle('U', [3], 'h\xc3\xa9.')), 'hé');
  assert.is(read(pickle("S'a\\x41\\101\\n'\n.")), 'aAA\n');
});

for (const [name, words, bytes] of [
  ['os.system, protocol 0', /posix\.system is named/, pickle('cposix\nsystem\n(Vls\ntR.')],
  ['a STACK_GLOBAL', /os\.system is named/, pickle('\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.')],
  ['an INST', /os\.system is named/, pickle('(Vls\nios\nsystem\n.')],
  ['eval', /builtins\.eval is named/, pickle('c__builtin__\neval\n(V1\ntR.')],
  ['getattr', /builtins\.getattr is named/, pickle('cbuiltins\ngetattr\n.')],
  ['__import__', /builtins\.__import__ is named/, pickle('cbuiltins\n__import__\n.')],
  ['a submodule', /importlib\.util\./, pickle('cimportlib.util\nfind_spec\n.')],
  ['attrgetter', /operator\.attrgetter/, pickle('coperator\nattrgetter\n.')],
  ['extension 1', /registry of extensions/, pickle('\x82', [1], '.')],
  ['a buffer outside', /buffer outside the pickle/, pickle('\x97.')],
  ['a persistent id', /outside the pickle is referred to/, pickle('K', [1], 'Q.')],
  ['protocol 6', /protocol 6/, pickle('\x80\x06N.')],
  ['an unknown byte', /no pickle has the byte 0xff/, pickle([255], '.')],
  ['an empty stack', /a value that is not there/, pickle('a.')],
  ['a value below a mark', /a value that is not there/, pickle('K', [1], '(a.')],
  ['no mark', /no mark is open/, pickle('t.')],
  ['a missing memo', /memo has no entry 7/, pickle('h', [7], '.')],
  ['two values', /more than one value/, pickle('NN.')],
  ['no STOP', /needs 1 more bytes/, pickle('N')],
  ['a key without value', /has no value/, pickle('}(K', [1], 'u.')],
  ['append to a dictionary', /what is no list/, pickle('}Na.')],
  ['entry in a list', /what is no dictionary/, pickle(']NNs.')],
  ['item in a tuple of a set', /what is no set/, pickle('](\x90.')],
  ['a call by a number', /a call is not by a name/, pickle('K', [1], ')R.')],
  ['a call without a tuple', /no tuple/, pickle('ccollections\nOrderedDict\nNR.')],
  ['4 GiB of text', /needs 4294967295 more bytes/, pickle('X', [255, 255, 255, 255], 'a.')],
  ['2^62 bytes', /more bytes, and/, pickle('\x8e', [0, 0, 0, 0, 0, 0, 0, 64], 'a.')],
  ['a long number', /at most 1024/, pickle('\x8b', [0, 0, 0, 127], 'a.')],
  ['a number of negative length', /of -1 bytes/, pickle('\x8b', [255, 255, 255, 255], 'a.')],
  ['a number of many digits', /at most 4096/, pickle(`L${'9'.repeat(60_000)}L\n.`)],
  ['a long frame', /frame of 4503599627370496 bytes/, pickle('\x95', [0, 0, 0, 0, 0, 0, 16, 0], 'N.')],
  ['text that is no number', /malformed/, pickle('I12x\n.')],
  ['bytes that are no text', /not valid UTF-8/, pickle('X', [1, 0, 0, 0, 255], '.')],
  ['too many values', /more than 4194304 values/, new Uint8Array(2 ** 22 + 1).fill(78)],
  ['too many marks', /more than 1048576 objects/, new Uint8Array(2 ** 20 + 1).fill(40)],
  ['too many objects', /more than 1048576 objects/, pickle(new Array(2 ** 20 + 1).fill(93), '.')],
] as const) {
  test(`refused: ${name}`, async () => {
    await thrown(() => read(bytes), 'invalid-file', words, /x\.pkl/);
  });
}

test('nesting and lists within lists by memo cost no more than their bytes', () => {
  let deep = read(pickle(new Array(50_000).fill(93), new Array(49_999).fill(97), '.')) as unknown[];
  let depth = 1;
  while (deep.length > 0) {
    deep = deep[0] as unknown[];
    depth++;
  }
  assert.is(depth, 50_000);
  const levels = Array.from({ length: 100 }, (_, i) => [
    ...Buffer.from('](h'),
    i,
    104,
    i,
    101,
    113,
    i + 1,
    48,
  ]);
  const doubled = read(pickle(']q\x000', levels.flat(), 'h', [100], '.')) as unknown[];
  assert.is(doubled[0], doubled[1]);
});

for (const [name, make, call] of [
  ['list', ['(', new Array(5000).fill([78]).flat(), 'l'], 'c__builtin__\nlist\n'],
  ['set', ['(', new Array(5000).fill([78]).flat(), 'l'], 'c__builtin__\nset\n'],
  ['dictionary', ['(', new Array(5000).fill([78, 78, 0x86]).flat(), 'l'], 'ccollections\nOrderedDict\n'],
] as const) {
  test(`copies of a memoized ${name} count, so that they take no more memory than other objects`, async () => {
    const copy = [...Buffer.from('h'), 1, 104, 0, 0x85, 82, 48];
    const bytes = pickle(
      ...(make as unknown as string[]),
      'q\x00',
      call,
      'q\x01',
      new Array(500).fill(copy).flat(),
      '.',
    );
    await thrown(() => read(bytes), 'invalid-file', /more than 1048576 objects/);
  });
}

test('copies of a memoized text as bytes count', async () => {
  const long = [
    'X',
    [0, 0, 4, 0],
    'x'.repeat(2 ** 18),
    'q\x00',
    'X',
    [6, 0, 0, 0],
    'latin1q\x01',
    'c_codecs\nencode\nq\x02',
  ];
  const copy = [...Buffer.from('h'), 2, 104, 0, 104, 1, 0x86, 82, 48];
  await thrown(
    () => read(pickle(...long, new Array(100).fill(copy).flat(), '.')),
    'invalid-file',
    /more than 1048576/,
  );
});

test('pickles at the start of a long file are read in a few parts', async () => {
  const items = new Array<number[]>(200_000).fill([75, 1, 78]).flat();
  const long = pickle('\x80\x02](', items, 'e.', '\x80\x02X', [2, 0, 0, 0], 'ab.');
  const file = new Uint8Array(long.length + 3_000_000);
  file.set(long);
  const reads: number[] = [];
  const memory = memorySource('memory', { a: file });
  const source = {
    ...memory,
    read: (path: string, start: number, end: number) => {
      reads.push(end);
      return memory.read(path, start, end);
    },
  };
  const pickles = new PickleFile(source, { path: 'a', byteLength: file.length }, undefined);
  assert.is(((await pickles.next()) as unknown[]).length, 400_000);
  assert.is(await pickles.next(), 'ab');
  assert.is(pickles.at, long.length);
  assert.equal(reads, [2 ** 18, 2 ** 20]);
});

const SEEDS = [...PICKLES.values, ...PICKLES.sets, ...PICKLES.namespace].map(fromHex);

await holds(
  'damaged pickles give a value or an error of this package',
  fc.tuple(
    fc.nat(SEEDS.length - 1),
    fc.array(fc.tuple(fc.nat(100_000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    fc.nat(100_000),
  ),
  async ([which, changes, end]) => {
    const bytes = Uint8Array.from(SEEDS[which]!);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    readsOrRefuses(end % 3 === 0 ? bytes.subarray(0, end % bytes.length) : bytes);
  },
  300,
);

const OPCODES = [...Buffer.from('(.012FGIJKLMNPQRSTUVX\\abcdeghijlopqrstu)}]{\n', 'latin1')].concat(
  Array.from({ length: 0x99 - 0x80 }, (_, i) => 0x80 + i),
);
await holds(
  'random opcodes give a value or an error of this package',
  fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...OPCODES) }, fc.nat(255)), { maxLength: 60 }),
  async (bytes) => readsOrRefuses(Uint8Array.from([...bytes, 46])),
  500,
);

function readsOrRefuses(bytes: Uint8Array): void {
  try {
    read(bytes);
  } catch (error) {
    assert.instance(error, Gpt2Error);
    assert.is((error as Gpt2Error).code, 'invalid-file');
  }
}

test.run();

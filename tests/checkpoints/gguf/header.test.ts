import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error, type Gpt2ErrorCode } from '../../../src/base/errors.js';
import { MAX_HEADER_BYTES, readGgufHeader } from '../../../src/checkpoints/gguf/header.js';
import { MAX_ARRAY_LENGTH } from '../../../src/checkpoints/gguf/metadata.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { randomSource } from '../../support/random.js';
import { rejects } from '../support.js';
import { ggufSource, modelFile, modelMetadata } from './models.js';
import {
  array,
  concat,
  type GgufFile,
  scalar,
  string,
  type Tensor,
  typed,
  VALUE_TYPES,
  writeGguf,
} from './writer.js';

const open = (file: Uint8Array) => openCheckpoint(ggufSource(file));
const TENSOR: Tensor = { name: 'a', dimensions: [32, 2], type: 'F32', data: new Uint8Array(256) };

/** The base fixture with other parts. */
const base = (edit: Partial<GgufFile>) => writeGguf({ ...modelFile('base'), ...edit });
const withPair = (key: string, value: Uint8Array) =>
  base({ metadata: [...modelMetadata('base'), [key, value]] });
const withTensor = (changes: Partial<Tensor>) =>
  base({ tensors: [...modelFile('base').tensors, { ...TENSOR, ...changes }] });
/** The base fixture with one of its tensors changed. */
const changing = (name: string, changes: Partial<Tensor>) =>
  base({
    tensors: modelFile('base').tensors.map((tensor) =>
      tensor.name === name ? { ...tensor, ...changes } : tensor,
    ),
  });

/** An array value that states another length than it has. */
const lyingArray = (element: 'u8' | 'string', length: bigint) =>
  concat([
    scalar('u32', VALUE_TYPES.array),
    scalar('u32', VALUE_TYPES[element]),
    scalar('u64', length),
    new Uint8Array(64),
  ]);
/** A string value that states a given length. */
const lyingString = (length: bigint) =>
  concat([scalar('u32', VALUE_TYPES.string), scalar('u64', length), new Uint8Array(16)]);
const stringOf = (...bytes: number[]) =>
  concat([scalar('u32', VALUE_TYPES.string), scalar('u64', bytes.length), Uint8Array.from(bytes)]);
/** A list of one string. */
const listOf = (bytes: readonly number[]) =>
  concat([
    scalar('u32', VALUE_TYPES.array),
    scalar('u32', VALUE_TYPES.string),
    scalar('u64', 1),
    scalar('u64', bytes.length),
    Uint8Array.from(bytes),
  ]);

const U64_MAX = 2n ** 64n - 1n;

type Attack = readonly [name: string, file: () => Uint8Array, code: Gpt2ErrorCode, ...messages: RegExp[]];

const ATTACKS: readonly Attack[] = [
  ['an empty file', () => new Uint8Array(0), 'invalid-file', /magic number/, /has 0/],
  ['a 43-byte file', () => base({}).subarray(0, 43), 'invalid-file', /cut off/],
  ['bad magic', () => base({ magic: 'GGML' }), 'invalid-file', /is no GGUF file: .* 0x4c4d4747/],
  ['version 0', () => base({ version: 0 }), 'unsupported', /version 0; versions 2 and 3/],
  ['version 1', () => base({ version: 1 }), 'unsupported', /version 1; versions 2 and 3/],
  ['version 4', () => base({ version: 4 }), 'unsupported', /version 4; versions 2 and 3/],
  ['big-endian', () => base({ version: 0x03000000 }), 'unsupported', /big-endian/],

  [
    'too many tensors',
    () => base({ tensorCount: U64_MAX }),
    'invalid-file',
    /number of tensors is 18446744073709552000; at most 65536/,
  ],
  ['more tensors than there are', () => base({ tensorCount: 60_000 }), 'invalid-file'],
  ['fewer tensors than there are', () => base({ tensorCount: 2 }), 'invalid-file', /no tensor/],
  ['too many pairs', () => base({ pairCount: U64_MAX }), 'invalid-file', /number of metadata pairs is/],
  ['more pairs than there are', () => base({ pairCount: 9 }), 'invalid-file'],
  ['fewer pairs than there are', () => base({ pairCount: 3 }), 'invalid-file'],

  [
    'a key that stands twice',
    () => withPair('gpt2.block_count', typed('u32', 3)),
    'invalid-file',
    /"gpt2\.block_count" stands twice/,
  ],
  [
    'a key of huge length',
    () =>
      concat([
        base({ metadata: [] }).subarray(0, 16),
        scalar('u64', 1),
        scalar('u64', U64_MAX),
        new Uint8Array(99),
      ]),
    'invalid-file',
    /length of metadata key 0 is .* at most 65535/,
  ],
  [
    'a key that is not UTF-8',
    () =>
      concat([
        base({ metadata: [] }).subarray(0, 16),
        scalar('u64', 1),
        scalar('u64', 2),
        Uint8Array.of(0xc3, 0x28),
        new Uint8Array(99),
      ]),
    'invalid-file',
    /metadata key 0 is not valid UTF-8/,
  ],
  [
    'a string of huge length',
    () => withPair('x', lyingString(U64_MAX)),
    'invalid-file',
    /length of metadata "x" is/,
  ],
  [
    'a string of a length beyond the file',
    () => withPair('x', lyingString(2n ** 24n)),
    'invalid-file',
    /"x" at byte \d+ takes 16777216 bytes, but the file has/,
  ],
  [
    'a string cut off by the end of the file',
    () => concat([base({ metadata: [] }).subarray(0, 16), scalar('u64', 1), string('x'), lyingString(17n)]),
    'invalid-file',
    /cut off/,
  ],
  [
    'a short string that is not UTF-8',
    () => withPair('x', stringOf(0x61, 0xff)),
    'invalid-file',
    /"x" is not valid UTF-8/,
  ],
  [
    'a string that ends within a character',
    () => withPair('x', stringOf(0x61, 0xc4)),
    'invalid-file',
    /not valid UTF-8/,
  ],
  ['an overlong encoding', () => withPair('x', stringOf(0xc0, 0x80)), 'invalid-file', /not valid UTF-8/],
  [
    'a surrogate in a string',
    () => withPair('x', stringOf(0xed, 0xa0, 0x80)),
    'invalid-file',
    /not valid UTF-8/,
  ],
  ...[[0x80], [0xbf, 0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc3, 0x41], [0xe0, 0x80, 0x80]].map(
    (bytes): Attack => [
      `a list whose string ${bytes} is not UTF-8`,
      () => withPair('x', listOf(bytes)),
      'invalid-file',
      /"x" is not valid UTF-8/,
    ],
  ),
  [
    'a long string that is not UTF-8',
    () => withPair('x', stringOf(...new Array(100).fill(0x61), 0xff)),
    'invalid-file',
    /not valid UTF-8/,
  ],
  [
    'a value of an unknown type',
    () => withPair('x', scalar('u32', 13)),
    'invalid-file',
    /"x" has the unknown type 13/,
  ],
  [
    'an array of an unknown type',
    () => withPair('x', concat([scalar('u32', 9), scalar('u32', 99), scalar('u64', 0)])),
    'invalid-file',
    /unknown type 99/,
  ],
  [
    'a nested array',
    () => withPair('x', concat([scalar('u32', 9), scalar('u32', 9), scalar('u64', 1), array('u8', [1])])),
    'unsupported',
    /"x" is an array of arrays/,
  ],
  [
    'an array of huge length',
    () => withPair('x', lyingArray('u8', U64_MAX)),
    'invalid-file',
    /length of metadata "x" is .* at most 4194304/,
  ],
  [
    'an array of a length beyond the file',
    () => withPair('x', lyingArray('u8', 4_000_000n)),
    'invalid-file',
    /takes 4000000 bytes, but the file has/,
  ],
  [
    'strings of a count beyond the file',
    () => withPair('x', lyingArray('string', 4_000_000n)),
    'invalid-file',
    /takes 32000000 bytes/,
  ],
  [
    'a bool that is neither 0 nor 1',
    () => withPair('x', concat([scalar('u32', 7), Uint8Array.of(2)])),
    'invalid-file',
    /"x" is a bool of value 2/,
  ],
  [
    'a bool in an array that is neither',
    () => withPair('x', concat([array('bool', [true]).subarray(0, 16), Uint8Array.of(9)])),
    'invalid-file',
    /bool of value 9/,
  ],

  ...[0, 3, 48, 2 ** 32 - 1].map(
    (alignment): Attack => [
      `alignment ${alignment}`,
      () => withPair('general.alignment', typed('u32', alignment)),
      'invalid-file',
      /general\.alignment is \d+; it must be a power of two/,
    ],
  ),
  [
    'an alignment beyond every number',
    () => withPair('general.alignment', typed('u64', 2n ** 63n)),
    'invalid-file',
    /power of two/,
  ],
  [
    'an alignment that is no integer',
    () => withPair('general.alignment', typed('f32', 32)),
    'invalid-file',
    /general\.alignment is of type f32/,
  ],
  [
    'an alignment that the offsets do not keep',
    () => withPair('general.alignment', typed('u32', 2 ** 12)),
    'invalid-file',
    /no multiple of the alignment 4096/,
  ],
  [
    'an alignment that moves the data behind the end',
    () => withPair('general.alignment', typed('u32', 2 ** 31)),
    'invalid-file',
  ],

  ['no dimensions', () => withTensor({ dimensions: [] }), 'invalid-file', /"a" has 0 dimensions/],
  [
    'five dimensions',
    () => withTensor({ dimensions: [1, 1, 1, 1, 1] }),
    'invalid-file',
    /"a" has 5 dimensions; 1 to 4/,
  ],
  [
    'a dimension of zero',
    () => withTensor({ dimensions: [32, 0] }),
    'invalid-file',
    /"a" has shape \[0, 32\]/,
  ],
  [
    'dimensions whose product overflows',
    () => withTensor({ dimensions: [2n ** 32n, 2n ** 32n] }),
    'invalid-file',
    /too large for any file/,
  ],
  [
    'dimensions whose product comes round to a small number',
    () => withTensor({ dimensions: [2n ** 33n, 2n ** 31n, 32] }),
    'invalid-file',
    /too large/,
  ],
  ['the largest dimension', () => withTensor({ dimensions: [U64_MAX] }), 'invalid-file', /too large/],
  [
    'rows that are no whole blocks',
    () => withTensor({ dimensions: [33], type: 'Q8_0' }),
    'invalid-file',
    /rows of 33 weights; Q8_0 needs a multiple of 32/,
  ],
  [
    'rows that are no whole blocks of a K-quant',
    () => withTensor({ dimensions: [128, 2], type: 'Q4_K' }),
    'invalid-file',
    /multiple of 256/,
  ],
  [
    'a type that is not read',
    () => withTensor({ type: 16 }),
    'unsupported',
    /"a" is stored as IQ2_XXS; F32, F16, .* are read/,
  ],
  // Numbers of `ggml_type`.
  ...[
    ...([
      [4, 'Q4_2'],
      [5, 'Q4_3'],
      [17, 'IQ2_XS'],
      [18, 'IQ3_XXS'],
      [19, 'IQ1_S'],
      [21, 'IQ3_S'],
    ] as const),
    ...([
      [22, 'IQ2_S'],
      [24, 'I8'],
      [25, 'I16'],
      [26, 'I32'],
      [27, 'I64'],
      [28, 'F64'],
    ] as const),
    ...([
      [29, 'IQ1_M'],
      [31, 'Q4_0_4_4'],
      [34, 'TQ1_0'],
      [35, 'TQ2_0'],
      [36, 'IQ4_NL_4_4'],
    ] as const),
  ].map(
    ([type, name]): Attack => [
      `${name}, which is not read`,
      () => withTensor({ type }),
      'unsupported',
      new RegExp(`"a" is stored as ${name};`),
    ],
  ),
  ['an unknown type', () => withTensor({ type: 999 }), 'invalid-file', /"a" has the unknown type 999/],
  [
    'a tensor name of huge length',
    () => withTensor({ name: 'n'.repeat(65) }),
    'invalid-file',
    /length of the name of tensor \d+ is 65; at most 64/,
  ],
  [
    'two tensors of one name',
    () => withTensor({ name: 'output_norm.bias' }),
    'invalid-file',
    /"output_norm\.bias" stands twice/,
  ],
  [
    'a tensor beyond the file',
    () => withTensor({ offset: 2 ** 30 }),
    'invalid-file',
    /"a" ends at byte \d+, but the file has/,
  ],
  [
    'a tensor at the largest offset',
    () => withTensor({ offset: U64_MAX - 31n }),
    'invalid-file',
    /"a" ends at byte/,
  ],
  [
    'an offset that is not aligned',
    () => withTensor({ offset: 17 }),
    'invalid-file',
    /offset 17, no multiple of the alignment 32/,
  ],
  ['overlapping tensors', () => withTensor({ offset: 0 }), 'invalid-file', /overlaps tensor/],
  [
    'a tensor that reaches into the next',
    () => withTensor({ offset: 64 }),
    'invalid-file',
    /overlaps tensor/,
  ],
  ['data cut off', () => base({}).subarray(0, -200), 'invalid-file', /ends at byte \d+, but the file has/],

  [
    'a missing tensor',
    () => base({ tensors: modelFile('base').tensors.filter(({ name }) => name !== 'blk.1.ffn_up.bias') }),
    'invalid-file',
    /no tensor "blk\.1\.ffn_up\.bias" of shape \[128\]/,
  ],
  [
    'a missing embedding',
    () =>
      base({
        tensors: modelFile('base')
          .tensors.slice(1)
          .filter(({ name }) => name !== 'token_embd.weight'),
      }),
    'invalid-file',
    /no tokens|no tensor/,
  ],
  [
    'a transposed matrix',
    () => changing('blk.0.attn_qkv.weight', { dimensions: [96, 32] }),
    'invalid-file',
    /"blk\.0\.attn_qkv\.weight" .* \[32, 96\], .* \[96, 32\]/,
  ],
  [
    'a vector of another length',
    () => changing('blk.2.ffn_up.bias', { dimensions: [64] }),
    'invalid-file',
    /\[64\], .* \[128\]/,
  ],
  [
    'a tensor that is no part of GPT-2',
    () => withTensor({ name: 'blk.0.attn_gate.weight' }),
    'unsupported',
    /no part of GPT-2/,
  ],
];

for (const [name, file, code, ...messages] of ATTACKS) {
  test(name, () => rejects(open(file()), code, /model\.gguf of memory/, ...messages));
}

test('leading dimensions of size 1 are none', async () => {
  const { tensors } = await open(changing('output_norm.bias', { dimensions: [32, 1, 1] }));
  assert.equal(tensors.get('ln_f.bias')?.parameter.shape, [32]);
});

test('a header that does not end is read up to the limit only', async () => {
  // Two arrays of the largest length, which together are longer than a header may be.
  const longArray = (key: string) =>
    concat([string(key), array('u64', []).subarray(0, 8), scalar('u64', MAX_ARRAY_LENGTH)]);
  const start = concat([
    writeGguf({ metadata: [], tensors: [], pairCount: 2 }).subarray(0, 24),
    longArray('a'),
  ]);
  const parts = new Map([
    [0, start],
    [start.length + 8 * MAX_ARRAY_LENGTH, longArray('b')],
  ]);
  let most = 0;
  const source = {
    name: 'endless',
    list: async () => [{ path: 'model.gguf', byteLength: 2 ** 40 }],
    async read(_path: string, from: number, to: number) {
      most = Math.max(most, to);
      const bytes = new Uint8Array(to - from);
      for (const [at, part] of parts) if (at >= from && at < to) bytes.set(part, at - from);
      return bytes;
    },
  };
  await rejects(openCheckpoint(source), 'invalid-file', /does not end within 67108864 bytes/);
  assert.is(most, MAX_HEADER_BYTES);
});

test('an aborted signal ends opening', async () => {
  await rejects(openCheckpoint(ggufSource(base({})), AbortSignal.abort()), 'aborted');
});

test('a source that gives fewer bytes than it lists', async () => {
  const source = ggufSource(base({}));
  const short = {
    ...source,
    read: (path: string, start: number, end: number) => source.read(path, start, end - 1),
  };
  await rejects(openCheckpoint(short), 'invalid-file', /cut off or was changed/);
});

test('random damage to the header gives a Gpt2Error or a model', async () => {
  const random = randomSource(99);
  const tokens = Array.from({ length: 97 }, (_, i) => String.fromCharCode(161 + (i > 11 ? i + 1 : i)));
  const file = base({
    metadata: [
      ...modelMetadata('base'),
      ['tokenizer.ggml.model', typed('string', 'gpt2')],
      ['tokenizer.ggml.tokens', array('string', tokens)],
      ['tokenizer.ggml.merges', array('string', [])],
      [
        'tokenizer.ggml.token_type',
        array(
          'i32',
          tokens.map(() => 1),
        ),
      ],
    ],
  });
  const whole = await readGgufHeader(ggufSource(file), { path: 'model.gguf', byteLength: file.length });
  const headerBytes = whole.tensors[0]!.start;
  let refused = 0;
  for (let i = 0; i < 1000; i++) {
    const damaged = file.slice();
    const flips = 1 + random.below(3);
    for (let flip = 0; flip < flips; flip++) damaged[random.below(headerBytes)]! ^= 1 << random.below(8);
    try {
      const { tokenizer } = await open(damaged);
      await tokenizer!();
    } catch (error) {
      if (!(error instanceof Gpt2Error)) throw error;
      refused++;
    }
  }
  assert.ok(refused > 500 && refused < 1000, `${refused} of 1000`);
});

test('a header that is cut off anywhere is refused', async () => {
  const file = base({});
  for (let length = 0; length < file.length; length += length < 4000 ? 41 : 9973)
    await rejects(open(file.subarray(0, length)), 'invalid-file');
});

test.run();

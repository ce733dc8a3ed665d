import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { type Numbers, stateDict, tinyNumbers, weightsOf } from '../../support/torch_models.js';
import { zipFile } from '../../support/torch_writer.js';

const NUMBERS = tinyNumbers();

/** As torch.nn.Linear stores a matrix: a row for each output. */
function linear({ shape, values }: Numbers): Numbers {
  const [rows, columns] = shape as [number, number];
  const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
  return { shape: [columns, rows], values: turned };
}

const asNanoGpt = (names: (name: string) => boolean) =>
  stateDict(
    new Map(
      [...NUMBERS]
        .filter(([name]) => names(name))
        .map(([name, each]) => [name, /\.c_\w+\.weight$/.test(name) ? linear(each) : each]),
    ),
  );

const ARGUMENTS = {
  ...{ n_layer: 2, n_head: 2, n_embd: 4, block_size: 5, bias: true, vocab_size: 7, dropout: 0 },
};

function open(args: Record<string, unknown>, names: (name: string) => boolean = () => true) {
  const given = Object.entries({ ...ARGUMENTS, ...args }).filter(([, value]) => value !== undefined);
  const saved = new Map<string, unknown>([
    ['model', asNanoGpt(names)],
    ['model_args', new Map(given)],
    ['iter_num', 3],
  ]);
  return openCheckpoint(memorySource('out', { 'ckpt.pt': zipFile(saved) }));
}

test('model_args are the config, and matrices are those of torch.nn.Linear', async () => {
  const checkpoint = await open({});
  assert.equal(await weightsOf(checkpoint), NUMBERS);
  const { config, format, json, notes } = checkpoint;
  assert.equal([config.layers, config.heads, config.channels, config.innerChannels], [2, 2, 4, 16]);
  assert.equal([config.contextLength, config.vocabSize, config.activation], [5, 7, 'gelu-erf']);
  assert.equal([config.tiedHead, config.eosTokenIds, config.bosTokenId], [true, [], undefined]);
  assert.equal([format, json, notes], ['PyTorch, of nanoGPT', {}, []]);
});

test('biases that are left out are zeros, which compute the same', async () => {
  const isBias = (name: string) => name.endsWith('.bias');
  const zeros = new Map(
    [...NUMBERS].map(([name, { shape, values }]) => [
      name,
      { shape, values: isBias(name) ? values.map(() => 0) : values },
    ]),
  );
  assert.equal(await weightsOf(await open({ bias: false }, (name) => !isBias(name))), zeros);
  await thrown(
    () => open({}, (name) => !isBias(name)),
    'invalid-file',
    /no tensor "ln_f\.bias"|no tensor "h\.0/,
  );
});

test('versions that always have biases have the tanh form of GELU', async () => {
  const { config, notes } = await open({ bias: undefined });
  assert.is(config.activation, 'gelu-tanh');
  assert.match(notes[0]!, /January 2023/);
});

test("GPT-2's own vocabulary ends a text with its token", async () => {
  await thrown(() => open({ vocab_size: 50304 }), 'invalid-file', /must be \[50304, 4\]/, /by model_args/);
  assert.is((await open({ vocab_size: null })).config.vocabSize, 7);
});

for (const [name, args, words] of [
  [
    'no number',
    { n_layer: 'two' },
    /model_args in ckpt\.pt of out: n_layer is "two"; it must be a whole number/,
  ],
  ['too many layers', { n_layer: 1e9 }, /n_layer is 1000000000/],
  ['heads that do not divide', { n_head: 3 }, /n_head is 3, which does not divide n_embd 4/],
  ['a list', { block_size: [1] }, /block_size is a list/],
  ['another layer count', { n_layer: 1 }, /h\.1\..*n_layer in model_args is 1/],
] as const) {
  test(`refused: ${name}`, async () => {
    await thrown(() => open(args), 'invalid-file', words);
  });
}

test.run();

import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson } from '../../../src/examine/provenance/canonical_json.js';
import {
  createSigningKey,
  type GenerationRecord,
  signGeneration,
  verifyRecord,
} from '../../../src/examine.js';
import { type GenerateOptions, loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const OPTIONS = { build: 'simd', threads: 1 } as const;
const model = await loadModel(storiesTiny, OPTIONS);
const fakeWorker = fakeWorkers(test);
test.after(() => model.dispose());

const key = await createSigningKey();
const PROMPT = 'Once upon a time';

async function recordOf(options: GenerateOptions = {}, prompt: string | number[] = PROMPT) {
  const given = { maxTokens: 12, ...options };
  const completion = await model.generate(prompt, given);
  return { completion, record: await signGeneration(model, completion, { prompt, options: given, key }) };
}

test('the record of a generation is verified by its bits, with any plain options', async () => {
  const cases: GenerateOptions[] = [
    {},
    { seed: 5, temperature: 1.3, n: 3, stop: ['.'], logprobs: 2, priority: 3 },
    { logitBias: new Map([[5, -2.5]]), bannedTexts: ['cat'], repetitionPenalty: 1.2, topP: undefined },
    { temperature: 0, format: { regex: '[a-z ]{5,40}' } },
    { beams: 3, returned: 2 },
    { beams: 1, penaltyAlpha: 0, watermark: { kind: 'kgw', hashingKey: 12345 } },
    { signal: new AbortController().signal, speculate: 'prompt', guidance: { debias: 'Bad:' } },
  ];
  for (const options of cases) {
    const { completion, record } = await recordOf(options);
    const texts = completion.choices.map(({ text }) => text);
    const read = JSON.stringify(record);
    const found = await verifyRecord(model, read, { text: texts.at(-1)!, publicKey: key.x });
    assert.equal(found, {
      isValid: true,
      signature: true,
      key: true,
      modelDifferences: '',
      recomputed: true,
      text: true,
      texts,
    });
    assert.not.match(read, /signal|speculate|priority|logprobs/);
    assert.ok(Math.abs(Date.now() - Date.parse(record.time)) < 600_000);
  }
  const ids = model.tokenizer.encode(PROMPT);
  const { record } = await recordOf({}, ids);
  assert.equal(record.prompt, ids);
  assert.ok((await verifyRecord(model, record)).isValid);
});

test('a model in a worker signs and verifies the same', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, ...OPTIONS });
  const { record } = await recordOf({ seed: 3 });
  assert.ok((await verifyRecord(remote, record)).isValid);
  const completion = await remote.generate(PROMPT, { maxTokens: 12, seed: 3 });
  const own = await signGeneration(remote, completion, {
    prompt: PROMPT,
    options: { maxTokens: 12, seed: 3 },
    key,
  });
  assert.equal({ ...own, time: '', signature: '' }, { ...record, time: '', signature: '' });
  remote.dispose();
});

test("the signature is that of Node's own Ed25519 over the canonical JSON", async () => {
  const { record } = await recordOf();
  const { signature, ...unsigned } = record;
  const text = Buffer.from(canonicalJson(unsigned));
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: record.publicKey };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  assert.ok(nodeVerify(null, text, publicKey, Buffer.from(signature, 'base64url')));
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' });
  assert.is(nodeSign(null, text, privateKey).toString('base64url'), signature);
});

test('canonical JSON has one form for equal values, and keeps them', async () => {
  // The example of RFC 8785, section 3.2.2.
  const example = {
    numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  assert.is(
    canonicalJson(example),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  assert.is(
    canonicalJson({ '\ufb33': 1, '\ud83d\ude00': 2, 1: 3, '\r': 4 }),
    '{"\\r":4,"1":3,"\ud83d\ude00":2,"\ufb33":1}',
  );
  await holds(
    'values',
    fc.jsonValue(),
    async (value) => {
      const json = canonicalJson(value);
      assert.equal(JSON.parse(json), JSON.parse(JSON.stringify(value)));
      assert.is(canonicalJson(JSON.parse(JSON.stringify(value))), json);
    },
    200,
  );
});

test('every change of a record shows', async () => {
  const { record, completion } = await recordOf({ seed: 8 });
  const changes: Partial<Record<keyof GenerationRecord, unknown>>[] = [
    { prompt: 'Once upon a day' },
    { options: { ...record.options, seed: 9 } },
    { time: '2020-01-01T00:00:00.000Z' },
    { choices: [{ ...record.choices[0]!, text: record.choices[0]!.tokens }] },
    { model: { ...record.model, weights: 'q8' } },
    { publicKey: (await createSigningKey()).x },
    { signature: record.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
  ];
  for (const change of changes) {
    const found = await verifyRecord(model, { ...record, ...change } as GenerationRecord);
    assert.equal(
      [found.isValid, found.signature, found.recomputed],
      [false, false, undefined],
      JSON.stringify(change),
    );
  }
  const other = await verifyRecord(model, record, { text: `${completion.text} ` });
  assert.equal([other.isValid, other.text, other.recomputed], [false, false, true]);
  const stranger = await verifyRecord(model, record, { publicKey: (await createSigningKey()).x });
  assert.equal([stranger.isValid, stranger.key, stranger.recomputed], [false, false, undefined]);
});

test('a signed claim that is not true is found by computing the text', async () => {
  const { completion } = await recordOf({ seed: 1 });
  const options = { maxTokens: 12, seed: 1 };
  for (const wrong of [
    { prompt: 'Another', options },
    { prompt: PROMPT, options: { ...options, temperature: 0.9 } },
    { prompt: PROMPT, options: { ...options, maxTokens: 11 } },
  ]) {
    const record = await signGeneration(model, completion, { ...wrong, key });
    const found = await verifyRecord(model, record);
    assert.equal([found.isValid, found.signature, found.recomputed], [false, true, false]);
  }
});

test('a record of another model says how it differs', async () => {
  const { record } = await recordOf();
  for (const [options, words] of [
    [{ weights: 'q8' }, /^with weights in f32, and this model has q8/],
    [{ contextLength: 100 }, /^by another model or context length$/],
  ] as const) {
    const other = await loadModel(storiesTiny, { ...OPTIONS, ...options });
    const found = await verifyRecord(other, record);
    other.dispose();
    assert.match(found.modelDifferences, words);
    assert.equal([found.isValid, found.signature, found.recomputed], [false, true, undefined]);
  }
});

test('options that others could not use are refused by name', async () => {
  const { completion } = await recordOf();
  const refuses = (options: unknown, ...words: RegExp[]) =>
    thrown(
      () => signGeneration(model, completion, { prompt: PROMPT, options: options as GenerateOptions, key }),
      'invalid-option',
      ...words,
    );
  await refuses({ processors: [() => ({ process() {} })] }, /^processors cannot be recorded/);
  await refuses({ experts: [{ model, weight: 1 }] }, /^experts cannot/);
  await refuses({ inputs: { embeddings: new Float32Array(4) } }, /^inputs cannot/);
  await refuses({ sequenceBias: [{ tokens: [1], bias: Number.NEGATIVE_INFINITY }] }, /^sequenceBias cannot/);
  await refuses({ filter: () => true }, /^filter cannot/);
  const controller = new AbortController();
  controller.abort();
  const aborted = await model.generate(PROMPT, { signal: controller.signal });
  await thrown(() => signGeneration(model, aborted, { prompt: PROMPT, key }), 'invalid-option', /aborted/);
  const { choices, seed } = completion;
  const unlike = [undefined, 5, {}, { choices, seed: Number.NaN }, { choices }, { choices: [], seed }];
  for (const given of [...unlike, { choices: [null], seed }, { choices: [{}], seed }]) {
    await thrown(
      () => signGeneration(model, given as never, { prompt: PROMPT, key }),
      'invalid-option',
      /completion is/,
    );
  }
  await refuses(null, /options is null; it must be an object/);
  await refuses([], /options is an array/);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  await refuses({ format: circle }, /^format cannot be recorded: it has a circle/);
  for (const wrong of [undefined, {}, { ...key, d: 'x' }, { ...key, x: (await createSigningKey()).x }]) {
    await thrown(
      () => signGeneration(model, completion, { prompt: PROMPT, key: wrong as never }),
      'invalid-option',
      /key/,
    );
  }
});

test('options are recorded as deep as a record can be read', async () => {
  const { completion } = await recordOf();
  const nested = (levels: number) => {
    let value: unknown = 5;
    for (let level = 0; level < levels; level++) value = { a: value };
    return { format: value } as GenerateOptions;
  };
  const sign = (levels: number) =>
    signGeneration(model, completion, { prompt: PROMPT, options: nested(levels), key });
  await thrown(async () => verifyRecord(model, await sign(62)), 'invalid-option', /format/);
  await thrown(() => sign(63), 'invalid-option', /nested deeper than 62 levels/);
});

test('what is no record is refused, and so are wrong options in one', async () => {
  const { record, completion } = await recordOf();
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const [given, words] of [
    ['', /JSON/],
    ['{', /JSON/],
    ['[]', /object/],
    ['{"type":"other"}', /it is something else/],
    ['['.repeat(1e5), /JSON|deep|nest/],
    [circle, /not JSON/],
    [undefined, /JSON/],
    [{ ...record, version: 2 }, /another version/],
    [{ ...record, more: 1 }, /unknown field "more"/],
    [{ ...record, choices: [] }, /no valid choices/],
    [{ ...record, model: { ...record.model, build: 5 } }, /no valid model/],
    // Texts that a terminal would obey, or that look like lines of "gpt2-wasm verify".
    [{ ...record, model: { ...record.model, weights: 'f32\u001b[2J' } }, /no valid model/],
    ...['2026-01-01T00:00:00.000Z\nverified', '\u001b[2J', '', 'today', 5].map((time) => {
      return [{ ...record, time }, /no valid time/] as const;
    }),
    [
      { ...record, choices: [{ ...record.choices[0]!, text: [record.choices[0]!.text] }] },
      /no valid choices/,
    ],
    [{ ...record, choices: [{ ...record.choices[0]!, finishReason: 'a\n' }] }, /no valid choices/],
    [{ ...record, prompt: [0.5] }, /no valid prompt/],
    [{ ...record, signature: 'x' }, /no valid signature/],
    [{ ...record, publicKey: `${record.publicKey}=` }, /no valid publicKey/],
  ] as const) {
    await thrown(() => verifyRecord(model, given as never), 'invalid-file', words);
  }
  const options = { maxTokens: 12, foo: 1 } as GenerateOptions;
  const wrong = await signGeneration(model, completion, { prompt: PROMPT, options, key });
  await thrown(() => verifyRecord(model, wrong), 'invalid-option', /foo is not an option of generate/);
  await thrown(() => verifyRecord(model, record, { publicKey: 'x' }), 'invalid-option', /publicKey/);
  await thrown(() => verifyRecord(model, record, { signal: AbortSignal.abort() }), 'aborted');
});

test.run();

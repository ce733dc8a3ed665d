import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { Murmur128 } from '../../../src/base/murmur.js';
import { canonicalJson } from '../../../src/examine/provenance/canonical_json.js';
import { sign } from '../../../src/examine/provenance/keys.js';
import * as examine from '../../../src/examine.js';
import { Expressions } from '../../../src/generate/constraints/expressions/expressions.js';
import { compileJsonSchema } from '../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { loadModel, loadTokenizer } from '../../../src/index.js';
import { answerLine } from '../../../src/server/batch/answer_line.js';
import { parseBatchLine } from '../../../src/server/batch/batch_line.js';
import { createHandler } from '../../../src/server.js';
import { blobDataFile, readDocuments, Trainer } from '../../../src/train.js';
import { join } from '../../checkpoints/support.js';
import { accepts } from '../../generate/constraints/accepts.js';
import { type Files, fixture } from '../../support/fixture_files.js';
import { memoryTarget } from '../../support/memory_target.js';
import { memorySource } from '../../support/sources.js';
import { OPTIONS } from '../../train/tiny.js';

type Json = null | boolean | number | string | Json[] | JsonObject;
interface JsonObject {
  [name: string]: Json;
}

/** Names that every object of JavaScript has; the first sets the prototype where it is assigned to. */
const NAMES = ['__proto__', 'constructor', 'toString'];
/** A name as long that no reader knows. */
const otherOf = (name: string) => 'zq'.repeat(9).slice(0, name.length);
/** Of longer lists, such as vocabularies, only as many items are changed. */
const MOST_CHANGED = 12;

/** JSON that somebody else writes. `read` gives what can be seen of it, as JSON. */
interface Input {
  readonly json: Json;
  /** Strings, by their places, that become tokens: another text has another answer. */
  readonly texts?: RegExp;
  /** `name`: the name that was put into the JSON. */
  read(json: Json, name: string): unknown;
}

/** Copies of a value in each of which one object, name or string is changed by `name`, and where. */
function* copies(
  value: Json,
  name: string,
  place = '',
): Generator<{ readonly copy: Json; readonly place: string }> {
  if (typeof value === 'string') yield { copy: name, place };
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const changed = (at: number, ...others: [string, Json][]) =>
    Object.fromEntries(entries.toSpliced(at, 1, ...others));
  if (!isList) {
    const hidden = { ...value, polluted: true, prototype: { polluted: true } };
    // All fields, where a reader would see them if the name set the prototype.
    yield { copy: Object.fromEntries([[name, hidden]]), place: `${place}, in place of all` };
    yield { copy: Object.fromEntries([...entries, [name, hidden]]), place: `${place}, beside all` };
  }
  for (const [at, [key, inner]] of entries.slice(0, MOST_CHANGED).entries()) {
    const inside = `${place}/${key}`;
    if (!isList) yield { copy: changed(at, [name, inner]), place: `${inside}, the name` };
    for (const { copy, place } of copies(inner, name, inside))
      yield { copy: isList ? value.with(at, copy) : changed(at, [key, copy]), place };
  }
}

const SHARED = [Object, Array, Function, String, Map, Promise, Uint8Array].map(({ prototype }) => prototype);
const membersOfAll = () => SHARED.map((prototype) => Reflect.ownKeys(prototype).map(String));
const untouched = membersOfAll();

/** The result of reading, or its error without the hints, which depend on how much names look alike. */
async function outcome({ read }: Input, json: Json, name: string): Promise<string> {
  const result = await (async () => read(json, name))().catch((error) => {
    if (error instanceof Gpt2Error) return [error.code, error.message];
    throw error;
  });
  return String(JSON.stringify(result)).replace(HINTS, '');
}
const HINTS = /; (?:did you mean|the [\w ]+ are) [^"]*/;

const bytes = (json: Json) => new TextEncoder().encode(JSON.stringify(json));
const jsonOf = (file: Uint8Array): Json => JSON.parse(new TextDecoder().decode(file));
const inFile = (
  files: Files,
  name: string,
  read: (files: Files, own: string) => unknown,
  json?: Json,
): Input => ({
  json: json ?? jsonOf(files[name]!),
  read: (changed, own) => read({ ...files, [name]: bytes(changed) }, own),
});

/** Input in the header of a safetensors file. */
function inHeader(file: Uint8Array, read: (file: Uint8Array) => unknown): Input {
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return {
    json: jsonOf(file.subarray(8, start)),
    read: (changed) => read(join(changed, file.subarray(start))),
  };
}

const LOAD = { build: 'simd', threads: 1, contextLength: 8 } as const;
async function modelOf(files: Files): Promise<unknown> {
  const model = await loadModel(files, LOAD);
  try {
    return [model.config, await model.logits([0, 1])];
  } finally {
    model.dispose();
  }
}

async function tokenizerOf(files: Files, name: string): Promise<unknown> {
  const tokenizer = await loadTokenizer(files);
  const ids = tokenizer.encode('The cat <|endoftext|> sat.');
  return [tokenizer.vocabSize, ids, tokenizer.decode(ids), tokenizer.tokenToId(name)];
}

const base = await loadModel(fixture('peft/base'), LOAD);
const MODEL: Files = fixture('checkpoints/one-layer-one-head');
const SHARDS: Files = fixture('checkpoints/bf16-sharded');
const CHAT = fixture('stories-tiny');
const ADAPTER = fixture('peft/lora-patterns');
const model = await loadModel(CHAT, { build: 'simd', threads: 1 });
test.after(() => {
  for (const each of [base, model]) each.dispose();
});

async function adapted(files: Files): Promise<unknown> {
  const own = await base.withAdapters([files]);
  try {
    return await own.logits([0, 1]);
  } finally {
    own.dispose();
  }
}

const SCHEMA = {
  type: 'object',
  properties: { a: { type: 'string', minLength: 1 }, b: { $ref: '#/$defs/c' } },
  patternProperties: { '^p': { enum: ['x', { y: 1 }] } },
  dependentRequired: { b: ['a'] },
  dependentSchemas: { p: { required: ['a'] } },
  required: ['a'],
  additionalProperties: { const: { d: 1 } },
  $defs: { c: { anyOf: [{ type: 'boolean' }, { maximum: 3 }] } },
};
const TEXTS = [
  '{}',
  '{"a":"x"}',
  '{"a":"x","b":true}',
  '{"b":true}',
  '{"a":"x","p":"x"}',
  '{"a":"x","f":{"d":1}}',
];
const textsWith = (name: string) => [
  ...TEXTS,
  ...[`{"a":"x","${name}":{"d":1}}`, `{"${name}":{"d":1}}`, `{"a":"x","${name}":true}`, `{"${name}":"x"}`],
];

const handler = createHandler({ models: { small: model }, limits: { tokens: 4 } });
test.after(() => handler.close());
const BODIES: Readonly<Record<string, JsonObject>> = {
  '/v1/completions': {
    ...{ model: 'small', prompt: 'Once', max_tokens: 1, seed: 1, stop: ['x'], logit_bias: { 5: 1 } },
    ...{ stream_options: null, user: 'ann' },
  },
  '/v1/chat/completions': {
    ...{ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], max_tokens: 1, seed: 1 },
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
    ...{ tool_choice: 'none', metadata: { a: 'b' } },
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'boolean' } } },
  },
  '/v1/embeddings': { input: ['a'], encoding_format: 'float' },
  '/v1/score': { text: 'Once upon' },
};
/** Answers without their times and names. */
const timeless = (answer: string) => answer.replace(/"(?:id|created|request_id)":[^,}]+/g, '');
async function answered(path: string, body: Json): Promise<unknown> {
  const request = new Request(`http://localhost${path}`, { method: 'POST', body: JSON.stringify(body) });
  const response = await handler.fetch(request);
  assert.ok(response.status < 500, JSON.stringify(body));
  return [response.status, timeless(await response.text())];
}

const states = memoryTarget();
const storeOf = (files?: Files) => ({
  latest: async () => files && memorySource('states', files),
  target: () => states,
  prune: async () => {},
});
const RUN = { ...OPTIONS, steps: 2, batchSize: 1, accumulation: 1, validation: 0.1, checkpointEvery: 1 };
async function trained(files?: Files): Promise<unknown> {
  const trainer = await Trainer.create({ ...RUN, checkpoints: storeOf(files), resume: files !== undefined });
  try {
    const losses: number[] = [];
    for await (const { loss } of trainer) losses.push(loss);
    return losses;
  } finally {
    trainer.dispose();
  }
}
const trainer = await Trainer.create({ ...RUN, checkpoints: storeOf() });
await trainer[Symbol.asyncIterator]().next();
await trainer.saveState();
trainer.dispose();
const STATE = { ...states.files };

const session = model.session();
await session.generate('Once', { maxTokens: 2, seed: 1 });
const saved = await session.save();
session.dispose();
/** A saved session with another header and the right hash. */
function sessionOf(header: Json): Uint8Array {
  const HEAD = 16;
  const filled = (length: number) => HEAD * Math.ceil(length / HEAD);
  const view = new DataView(saved.buffer, saved.byteOffset);
  const [old, own] = [view.getUint32(8, true), bytes(header)];
  const positions = saved.subarray(HEAD + filled(old), -HEAD);
  const out = new Uint8Array(HEAD + filled(own.length) + positions.length + HEAD);
  out.set(saved.subarray(0, HEAD));
  new DataView(out.buffer).setUint32(8, own.length, true);
  out.set(own, HEAD);
  out.set(positions, HEAD + filled(own.length));
  const hash = new Murmur128();
  hash.add(new Int32Array(out.buffer, 0, (out.length - HEAD) / 4));
  out.set(new Uint8Array(hash.digest().buffer), out.length - HEAD);
  return out;
}
const headerOf = (file: Uint8Array) =>
  jsonOf(file.subarray(16, 16 + new DataView(file.buffer, file.byteOffset).getUint32(8, true)));

const key = await examine.createSigningKey();
const options = { maxTokens: 2, seed: 1, stop: ['x'], logitBias: { 5: 1 } };
const record = await examine.signGeneration(model, await model.generate('Once', options), {
  ...{ prompt: 'Once', options, key },
});
const vector = await examine.steeringVector(model, { positive: ['A'], negative: ['B'], layer: 0 });

const TASK = {
  ...{ task: 'quiz', output_type: 'multiple_choice', doc_to_text: '{{q}}', doc_to_target: 'n' },
  ...{ doc_to_choice: ['no', 'yes'], metric_list: [{ metric: 'acc', aggregation: 'mean' }] },
  ...{ filter_list: [{ name: 'f', filter: [{ function: 'take_first' }] }], metadata: { version: 1 } },
  generation_kwargs: { until: ['x'] },
};

async function linesOf(line: Json): Promise<unknown> {
  const file = blobDataFile(new File([JSON.stringify(line)], 'a.jsonl'));
  const found = [];
  for await (const part of readDocuments([file])) found.push(part);
  return found;
}

const GENERATION = { bos_token_id: 1, eos_token_id: [2], transformers_version: '4' };
const SETTINGS = { eos_token: '<|endoftext|>', added_tokens_decoder: { 0: { content: '<|endoftext|>' } } };

const INPUTS: Readonly<Record<string, Input>> = {
  'config.json': inFile(MODEL, 'config.json', modelOf),
  'generation_config.json': inFile(MODEL, 'generation_config.json', modelOf, GENERATION),
  'index of shards': inFile(SHARDS, 'model.safetensors.index.json', modelOf),
  'header of safetensors': inHeader(MODEL['model.safetensors']!, (file) =>
    modelOf({ ...MODEL, 'model.safetensors': file }),
  ),
  'vocab.json': inFile(CHAT, 'vocab.json', tokenizerOf),
  'tokenizer_config.json': inFile(CHAT, 'tokenizer_config.json', tokenizerOf, SETTINGS),
  ...Object.fromEntries(
    ['added-tokens', 'template', 'split-behaviors', 'unigram', 'wordlevel'].map((name) => [
      `tokenizer.json, ${name}`,
      inFile(fixture(`tokenizer-pipelines/${name}`), 'tokenizer.json', tokenizerOf),
    ]),
  ),
  'adapter_config.json': inFile(ADAPTER, 'adapter_config.json', adapted),
  'JSON schemas': {
    json: SCHEMA,
    read(jsonSchema, name) {
      const compiled = compileJsonSchema(new Expressions(), { jsonSchema: jsonSchema as object });
      return textsWith(name).filter((text) => accepts(compiled, text));
    },
  },
  ...Object.fromEntries(
    Object.entries(BODIES).map(([path, json]) => [
      path,
      {
        json,
        texts: /^\/(?:prompt|text|input\/0|messages\/0\/content\/0\/text)$/,
        read: (body: Json) => answered(path, body),
      },
    ]),
  ),
  'lines of a batch': {
    json: { custom_id: 'a', method: 'POST', url: '/v1/completions', body: { prompt: 'A', max_tokens: 1 } },
    texts: /^\/body\/prompt$/,
    async read(json) {
      const line = parseBatchLine(JSON.stringify(json), 'line 1');
      return timeless(
        (await answerLine({ ...line, seed: 1 }, handler.fetch, new AbortController().signal)).line,
      );
    },
  },
  'state.json': inFile(STATE, 'state.json', trained),
  sessions: {
    json: headerOf(saved),
    texts: /^\/text\/rest$/,
    async read(header) {
      const restored = await model.restore(sessionOf(header));
      try {
        return [restored.tokens, (await restored.generate(undefined, { maxTokens: 1, seed: 1 })).tokens];
      } finally {
        restored.dispose();
      }
    },
  },
  'records of provenance': {
    json: record as unknown as Json,
    texts: /^\/prompt$/,
    async read(json) {
      const { signature: _, ...fields } = Object(json) as JsonObject;
      const signed = { ...fields, signature: await sign(key, canonicalJson(fields)) };
      return examine.verifyRecord(model, JSON.stringify(signed));
    },
  },
  'steering vectors': inHeader(await examine.writeSteeringVector(vector), examine.readSteeringVector),
  'tasks of few shots': {
    json: { instruction: 'x', examples: [{ input: 'a', label: 'b' }], choices: ['b', 'c'], shots: 1 },
    read: (json) => examine.readTask(JSON.stringify(json) as never),
  },
  // All of JSON is YAML.
  'task files': { json: TASK, read: (json) => examine.parseTask(JSON.stringify(json)) },
  'training data': { json: { prompt: 'a', completion: 'b' }, read: linesOf },
};

for (const [title, input] of Object.entries(INPUTS)) {
  test(`${title}: names of JavaScript are names like others, and change no object`, async () => {
    const whole = JSON.stringify(await input.read(input.json, ''));
    for (const name of NAMES) {
      const other = otherOf(name);
      const others = copies(input.json, other);
      let changes = 0;
      for (const { copy, place } of copies(input.json, name)) {
        const expected = await outcome(input, others.next().value!.copy, other);
        if (expected !== whole) changes++;
        if (input.texts?.test(place)) continue;
        const result = (await outcome(input, copy, name)).replaceAll(name, other);
        assert.is(result, expected, `${name} at ${place}`);
        assert.equal(membersOfAll(), untouched, `${name} at ${place}`);
      }
      assert.ok(changes > 0, 'no change matters');
    }
  });
}

test.run();

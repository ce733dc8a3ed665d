import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WeightFormat } from '../../src/dtypes/weight_formats.js';
import type { Caption, CaptionToken } from '../../src/vision/caption.js';
import type { Captioner } from '../../src/vision/captioner.js';
import { loadCaptioner } from '../../src/vision.js';
import {
  CAPTIONERS,
  type CaptionerName,
  captionerFiles,
  captionerFolder,
  expectedCaptions,
  idTokenizer,
  picture,
} from '../support/captioners.js';
import { allNear } from '../support/near.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';

const loaded: Captioner[] = [];
test.after(() => {
  for (const captioner of loaded) captioner.dispose();
});

async function load(name: CaptionerName, options: Parameters<typeof loadCaptioner>[1] = {}) {
  const captioner = await loadCaptioner(captionerFolder(name), { build: 'simd', ...options });
  loaded.push(captioner);
  return captioner;
}

const LENGTH = { maxTokens: 12 };
/** The sequence of transformers without its start token, and without what pads it after its end, token 0. */
const tokensOf = ([, ...tokens]: readonly number[]) => {
  const end = tokens.indexOf(0);
  return end < 0 ? tokens : tokens.slice(0, end + 1);
};

for (const name of CAPTIONERS) {
  test(`${name}: pixels, states, logits and captions are those of transformers`, async () => {
    const captioner = await load(name);
    const expected = expectedCaptions(name);
    const images = expected.images.map(picture);
    for (const [i, image] of images.entries()) {
      const pixels = await captioner.pixels(image);
      const wanted = expected.pixels[i] ?? pixels;
      // Decoders may differ by 1 in 255; each channel has a range of 2.
      allNear(pixels, wanted, 2 / 255 + 1e-6);
      const states = await captioner.encode(wanted);
      const right = expected.projected ? expected.projected[i] : expected.states[i];
      if (right !== undefined) allNear(states, right, 2e-4);
      allNear(await captioner.logits(wanted, expected.ids), expected.logits[i]!, 2e-4);
    }
    const greedy = await captioner.caption(images, LENGTH);
    assert.equal(
      greedy.map(({ tokens }) => tokens),
      expected.greedy.map(({ sequences }) => tokensOf(sequences[0]!)),
    );
    const beams = await captioner.caption(images, { ...LENGTH, beams: 4 });
    for (const [i, { tokens, score }] of beams.entries()) {
      const { sequences, sequences_scores } = expected.beam4[i]!;
      assert.equal(tokens, tokensOf(sequences[0]!));
      allNear([score!], [sequences_scores![0]!], 2e-4);
    }
    const three = await captioner.caption(images[0]!, { ...LENGTH, beams: 3, returned: 3, lengthPenalty: 2 });
    const { sequences, sequences_scores } = expected.beam3_of_3;
    assert.equal(
      three.choices.map(({ tokens }) => tokens),
      sequences.map(tokensOf),
    );
    allNear(
      three.choices.map(({ score }) => score!),
      sequences_scores!,
      2e-4,
    );
  });
}

/** All but times, caches and the seed, which counts only if something is drawn. */
const plain = ({ timings: _, usage: __, seed: ___, ...rest }: Caption) => rest;

test('captions have the same bits alone and beside others, in any batch and with any number of threads', async () => {
  const images = expectedCaptions('deit-gpt2').images.map(picture);
  const many = [...images, ...images.slice().reverse(), ...images];
  for (const weights of ['f32', 'q8', 'q4'] satisfies WeightFormat[]) {
    const [one, two] = [
      await load('deit-gpt2', { weights, threads: 1 }),
      await load('deit-gpt2', { weights, threads: 2 }),
    ];
    const options = { ...LENGTH, logprobs: 2, attention: true };
    const alone: Caption[] = [];
    for (const image of images) alone.push(await one.caption(image, options));
    const expected = [...alone, ...alone.slice().reverse(), ...alone].map(plain);
    for (const captioner of [one, two]) {
      const together = await captioner.caption(many, options);
      assert.equal(together.map(plain), expected, `${weights} ${captioner.runtime.threads}`);
    }
    const sampled = { ...LENGTH, temperature: 1, seed: 5, n: 3 };
    const [first] = await one.caption([images[0]!, images[1]!], sampled);
    assert.equal(plain(await two.caption(images[0]!, sampled)), plain(first!));
  }
});

test('a stream gives the tokens of the caption, with the attention to the patches', async () => {
  const captioner = await load('deit-gpt2', { tokenizer: idTokenizer });
  const image = picture('wide.png');
  const { rows, columns } = captioner.patches;
  assert.equal([rows, columns], [4, 4]);
  const options = { ...LENGTH, attention: true };
  const caption = await captioner.caption(image, options);
  const tokens: CaptionToken[] = [];
  const stream = captioner.stream(image, options);
  for await (const token of stream) tokens.push(token);
  assert.equal(plain(await stream.completion), plain(caption));
  assert.is(tokens.map(({ text }) => text).join(''), caption.text);
  assert.equal(
    tokens.map(({ id }) => id),
    caption.tokens,
  );
  assert.equal(
    tokens.map(({ attention }) => attention),
    caption.attention,
  );
  for (const attention of caption.attention!) {
    assert.is(attention.length, rows * columns);
    const sum = attention.reduce((sum, weight) => sum + weight, 0);
    assert.ok(attention.every((weight) => weight >= 0) && sum > 0 && sum <= 1 + 1e-5, `${sum}`);
  }
  const without = await captioner.caption(image, LENGTH);
  assert.is(without.attention, undefined);
  const { attention: _, choices, ...same } = plain(caption);
  assert.equal(plain(without), {
    ...same,
    choices: choices.map(({ attention: _, ...choice }) => choice),
  });
});

test('pixels beside and below the last whole patches change no caption, and are outside of the area that is seen', async () => {
  const files = captionerFiles('vit-gpt2');
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  config.encoder.image_size = [33, 39];
  files['config.json'] = new TextEncoder().encode(JSON.stringify(config));
  const larger = await loadCaptioner(files, { build: 'simd' });
  loaded.push(larger);
  const captioner = await load('vit-gpt2');
  assert.equal(larger.patches, captioner.patches);
  assert.equal(larger.seenArea({ width: 200, height: 100 }), {
    ...{ left: 0, top: 0 },
    ...{ width: 32 / 39, height: 32 / 33 },
  });
  const [pixels] = expectedCaptions('vit-gpt2').pixels;
  const random = randomSource(3);
  const more = Float32Array.from({ length: 3 * 33 * 39 }, () => random.uniform());
  for (let row = 0; row < 3 * 32; row++) {
    more.set(pixels!.subarray(32 * row, 32 * row + 32), 39 * (33 * Math.floor(row / 32) + (row % 32)));
  }
  assert.equal(await larger.encode(more), await captioner.encode(pixels!));
  const options = { ...LENGTH, attention: true };
  assert.equal(plain(await larger.caption(more, options)), plain(await captioner.caption(pixels!, options)));
});

test('each of several captions has its attention', async () => {
  const captioner = await load('vit-gpt2');
  const image = picture('wide.png');
  const best = await captioner.caption(image, { ...LENGTH, beams: 3, returned: 3, attention: true });
  const sampled = await captioner.caption(image, {
    ...LENGTH,
    n: 3,
    temperature: 1,
    seed: 1,
    attention: true,
  });
  for (const { choices } of [best, sampled]) {
    for (const { tokens, attention } of choices) assert.is(attention!.length, tokens.length);
  }
  // The first token of each is chosen from the same row.
  const firsts = best.choices.map(({ attention }) => attention![0]);
  assert.equal(firsts[1], firsts[0]);
  assert.equal(sampled.choices[0]!.attention![0], firsts[0]);
});

test('a caption continues the prompt, which is not part of it', async () => {
  const captioner = await load('vit-gpt2', { tokenizer: idTokenizer });
  const image = picture('wide.png');
  const { tokens } = await captioner.caption(image, LENGTH);
  const rest = await captioner.caption(image, { prompt: tokens.slice(0, 3), maxTokens: 9, attention: true });
  assert.equal(rest.tokens, tokens.slice(3));
  assert.is(rest.attention!.length, 9);
  const asText = await captioner.caption(image, {
    prompt: idTokenizer.decode(tokens.slice(0, 3)),
    maxTokens: 9,
  });
  assert.equal(asText.tokens, rest.tokens);
  assert.is(asText.text, idTokenizer.decode(tokens.slice(3)));
});

test('without a tokenizer captions have ids, and texts are refused by name', async () => {
  const captioner = await load('vit-gpt2');
  const image = picture('wide.png');
  const { tokens, text } = await captioner.caption(image, LENGTH);
  assert.is(tokens.length, 12);
  assert.is(text, '');
  await thrown(() => captioner.tokenizer, 'not-found', 'tokenizer');
  await thrown(() => captioner.caption(image, { prompt: 'a photo' }), 'not-found', 'tokenizer');
  await thrown(() => captioner.captionFrames([]).next(), 'not-found', 'tokenizer');
});

test('frames that differ are captioned', async () => {
  const captioner = await load('deit-gpt2', { tokenizer: idTokenizer });
  const names = ['wide.png', 'wide.png', 'gray-tall.png', 'alpha-small.png', 'alpha-small.png'];
  const frames = names.map((name, i) => ({ time: i / 2, image: picture(name) }));
  const cues = [];
  for await (const cue of captioner.captionFrames(frames, LENGTH)) cues.push(cue);
  const texts = await Promise.all(
    names.map(async (name) => (await captioner.caption(picture(name), LENGTH)).text),
  );
  const changes = names.flatMap((_, i) => (i === 0 || texts[i] !== texts[i - 1] ? [i] : []));
  assert.ok(changes.length > 1);
  assert.equal(
    cues.map(({ start, end, text }) => [start, end, text]),
    changes.map((i, k) => [i / 2, (changes[k + 1] ?? names.length) / 2, texts[i]]),
  );
});

test('a signal ends captions with what there is, and other calls with an error', async () => {
  const captioner = await load('vit-gpt2');
  const image = picture('wide.png');
  const none = AbortSignal.abort();
  for (const caption of await captioner.caption([image, image], { ...LENGTH, signal: none })) {
    assert.equal([caption.finishReason, caption.tokens, caption.attention], ['aborted', [], undefined]);
  }
  const early = await captioner.caption(image, { attention: true, signal: none });
  assert.equal([early.attention, early.choices[0]!.attention], [[], []]);
  const controller = new AbortController();
  const stream = captioner.stream(image, { ...LENGTH, signal: controller.signal });
  for await (const _ of stream) controller.abort();
  const { finishReason, tokens } = await stream.completion;
  assert.is(finishReason, 'aborted');
  assert.ok(tokens.length < 12);
  const left = captioner.stream(image, LENGTH);
  await left.next();
  await left.return();
  assert.is((await left.completion).finishReason, 'aborted');
  const unread = captioner.stream(image, LENGTH);
  await unread.return();
  assert.is((await unread.completion).finishReason, 'aborted');
  await thrown(() => captioner.pixels(image, { signal: none }), 'aborted');
  const pixels = await captioner.pixels(image);
  await thrown(() => captioner.encode(pixels, { signal: none }), 'aborted');
  const late = new AbortController();
  const encode = captioner.encode.bind(captioner);
  captioner.encode = async (...args) => {
    const states = await encode(...args);
    late.abort();
    return states;
  };
  await thrown(() => captioner.logits(pixels, [0, 5], { signal: late.signal }), 'aborted', /evaluating/);
  captioner.encode = encode;
  // Nothing stays behind.
  assert.equal((await captioner.caption(image, LENGTH)).tokens.length, 12);
});

test('progress is reported, and an error says which image it is about', async () => {
  const captioner = await load('vit-gpt2');
  const images = ['wide.png', 'exact.png', 'palette.png'].map(picture);
  const reports: [number, number][] = [];
  await captioner.caption(images, {
    maxTokens: 1,
    onProgress: ({ done, total }) => reports.push([done, total]),
  });
  assert.equal(reports, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  assert.equal(await captioner.caption([]), []);
  const broken = [...images, images[0]!.subarray(0, 40)];
  await thrown(() => captioner.caption(broken, { maxTokens: 1 }), 'invalid-file', 'image 3: ');
});

test('wrong pixels, images and options are refused', async () => {
  const captioner = await load('vit-gpt2');
  const image = picture('wide.png');
  const pixels = await captioner.pixels(image);
  await thrown(() => captioner.encode(pixels.subarray(1)), 'invalid-option', 'pixels');
  await thrown(() => captioner.encode(pixels.map(() => Number.NaN)), 'invalid-option', 'pixels');
  await thrown(() => captioner.encode([1] as never), 'invalid-option', 'pixels');
  await thrown(() => captioner.caption(pixels.subarray(1)), 'invalid-option', 'pixels');
  await thrown(() => captioner.caption('wide.png' as never), 'invalid-option');
  await thrown(() => captioner.caption(image, { inputs: {} } as never), 'invalid-option', 'inputs');
  await thrown(() => captioner.caption(image, { heal: true } as never), 'invalid-option', 'heal');
  await thrown(() => captioner.caption(image, { maxToken: 3 } as never), 'invalid-option', 'maxTokens');
  await thrown(() => captioner.caption(image, { beams: 3, n: 2 }), 'invalid-option');
  await thrown(() => captioner.caption(image, { attention: 1 as never }), 'invalid-option', 'attention');
  await thrown(() => captioner.caption(image, { prompt: [97] }), 'invalid-option', '97');
  await thrown(() => captioner.caption(image, { prompt: new Array(64).fill(1) }), 'context-full');
  await thrown(() => captioner.logits(pixels, [97]), 'invalid-option', '97');
  assert.equal(await captioner.logits(pixels, []), await captioner.logits(pixels, [0]));
});

test('a captioner of a model without preprocessor_config.json takes pixels, or its fields as an option', async () => {
  const { captionerFiles } = await import('../support/captioners.js');
  const { 'preprocessor_config.json': json, ...files } = captionerFiles('vit-gpt2');
  const image = picture('wide.png');
  const whole = await load('vit-gpt2');
  const pixels = await whole.pixels(image);
  const { tokens } = await whole.caption(image, LENGTH);
  const bare = await loadCaptioner(files, { build: 'simd' });
  loaded.push(bare);
  await thrown(() => bare.caption(image), 'not-found', 'preprocessor_config.json', 'preprocessor');
  assert.equal((await bare.caption(pixels, LENGTH)).tokens, tokens);
  const preprocessor = JSON.parse(new TextDecoder().decode(json));
  const given = await loadCaptioner(files, { build: 'simd', preprocessor });
  loaded.push(given);
  assert.equal((await given.caption(image, LENGTH)).tokens, tokens);
  const larger = { ...preprocessor, size: { height: 40, width: 32 } };
  const wrong = await loadCaptioner(files, { build: 'simd', preprocessor: larger });
  loaded.push(wrong);
  await thrown(() => wrong.pixels(image), 'invalid-file', '3 x 40 x 32', '3 x 32 x 32');
  await thrown(() => loadCaptioner(files, { preprocessor: [] as never }), 'invalid-option', 'preprocessor');
});

test('a compiled module runs both models, if it has cross-attention', async () => {
  const compiled = (name: string) =>
    WebAssembly.compile(readFileSync(new URL(`../../build/wasm/${name}.wasm`, import.meta.url)));
  const image = picture('wide.png');
  const { tokens } = await (await load('vit-gpt2')).caption(image, LENGTH);
  const given = await loadCaptioner(captionerFolder('vit-gpt2'), { module: await compiled('cross-simd') });
  loaded.push(given);
  assert.equal((await given.caption(image, LENGTH)).tokens, tokens);
  assert.equal([given.runtime.build, given.runtime.threads], ['simd', 1]);
  const module = await compiled('simd');
  await thrown(
    () => loadCaptioner(captionerFolder('vit-gpt2'), { module }),
    'invalid-option',
    'cross-simd.wasm',
  );
});

test('memory has a bound, a shorter context is kept, and nothing runs after dispose', async () => {
  await thrown(() => load('vit-gpt2', { maxMemory: 1000 }), 'invalid-option', 'maxMemory');
  const free = await load('vit-gpt2');
  const most = free.runtime.memoryBytes + 2 ** 20;
  const bounded = await load('vit-gpt2', { maxMemory: most, contextLength: 8 });
  const image = picture('wide.png');
  const images = new Array(20).fill(image);
  const captions = await bounded.caption(images, LENGTH);
  assert.ok(bounded.runtime.memoryBytes <= most);
  for (const { finishReason, tokens } of captions)
    assert.equal([finishReason, tokens.length], ['context', 8]);
  bounded.dispose();
  await thrown(() => bounded.pixels(image), 'disposed');
  await thrown(() => bounded.caption(image), 'disposed');
  await thrown(() => bounded.runtime, 'disposed');
  assert.match(String(bounded), /^Captioner .*"disposed":true/);
  await thrown(() => load('vit-gpt2', { beams: 2 } as never), 'invalid-option', 'beams');
  await thrown(() => load('vit-gpt2', { signal: AbortSignal.abort() }), 'aborted');
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import { TokenStream } from '../../src/generate/token_stream.js';
import type { Caption, CaptionToken } from '../../src/vision/caption.js';
import { eachCaption } from '../../src/vision/captions.js';
import { thrown } from '../support/thrown.js';

const image = new Float32Array(1);
const captioned = { text: '', tokens: [] } as unknown as Caption;

/** A stream without tokens that ends with `end`. */
const streamOf = (end: Promise<void>) => {
  const tokens = (async function* (): AsyncGenerator<CaptionToken, void> {
    await end;
    yield* [];
  })();
  const leave = () => {};
  return new TokenStream(tokens, () => captioned, leave);
};

test('an image that fails ends the captions of the others', async () => {
  const signals: AbortSignal[] = [];
  const never = new Promise<void>(() => {});
  const failing = eachCaption(new Array(20).fill(image), {}, (_, { signal }) => {
    signals.push(signal!);
    return streamOf(signals.length === 1 ? Promise.reject(new Gpt2Error('invalid-file', 'broken')) : never);
  });
  await thrown(() => failing, 'invalid-file', 'image 0: broken');
  assert.ok(signals.length < 20);
  assert.ok(signals.every(({ aborted }) => aborted));
});

test('a signal ends all captions with its reason, also if it fired before', async () => {
  for (const isBefore of [true, false]) {
    const controller = new AbortController();
    if (isBefore) controller.abort('enough');
    const signals: AbortSignal[] = [];
    const captions = await eachCaption(
      [image, image, image],
      { signal: controller.signal },
      (_, { signal }) => {
        signals.push(signal!);
        controller.abort('enough');
        return streamOf(Promise.resolve());
      },
    );
    assert.equal(captions, [captioned, captioned, captioned]);
    assert.equal(
      signals.map(({ aborted, reason }) => [aborted, reason]),
      new Array(3).fill([true, 'enough']),
    );
  }
});

test.run();

import { testPixels } from '../captions/pixels.mjs';
import { timed } from '../captions/timed.mjs';
import { Clock } from './clock.mjs';
import { DTYPES, localModel, tokensTo } from './transformers.mjs';

/** A captioner in transformers.js, in Node or in a page: `device` is its name of the backend. */
export async function loadTransformers(transformers, { folder, picture, config, weights, threads, device }) {
  const { AutoImageProcessor, AutoModelForVision2Seq, env, RawImage, Tensor } = transformers;
  const name = localModel(env, folder);
  const session_options = { intraOpNumThreads: threads };
  const model = await AutoModelForVision2Seq.from_pretrained(name, {
    ...{ dtype: DTYPES[weights], device, session_options },
  });
  const processor = await AutoImageProcessor.from_pretrained(name);
  const { encoder, decoder_start_token_id } = config;
  const tensorOf = (seed) => {
    const { num_channels, image_size } = encoder;
    return new Tensor('float32', testPixels(encoder, seed), [1, num_channels, image_size, image_size]);
  };

  return {
    pixels: () => timed(async () => processor(await RawImage.fromBlob(picture))),
    encode(seed) {
      const pixel_values = tensorOf(seed);
      return timed(() => model.sessions.model.run({ pixel_values: pixel_values.ort_tensor }));
    },
    async caption({ seed, count }) {
      const inputs = tensorOf(seed);
      const clock = new Clock();
      const length = { max_new_tokens: count, min_new_tokens: count };
      const options = { ...length, decoder_start_token_id, do_sample: false, streamer: tokensTo(clock) };
      await model.generate({ inputs, ...options });
      return clock.result();
    },
  };
}

import { testPixels } from '../captions/pixels.mjs';
import { timed } from '../captions/timed.mjs';
import { captionerOnnx } from '../models/onnx_names.mjs';
import { Clock } from './clock.mjs';
import { largest, sessionOptions } from './onnxruntime.mjs';

/**
 * A captioner as a program on top of onnxruntime writes it for speed: keys and values of the encoder's states are
 * computed once an image, which transformers.js does for every token. It has no code for images.
 */
export async function loadSessions(ort, { folder, config, weights, threads }) {
  const names = captionerOnnx(weights);
  const options = sessionOptions(ort, threads);
  const open = (name) => ort.InferenceSession.create(`${folder}/onnx/${name}`, options);
  const encoder = await open(names.encoder);
  const memory = await open(names.memory);
  const decoder = await open(names.rememberingDecoder);
  const { n_embd, n_head } = config.decoder;
  const { num_channels, image_size } = config.encoder;
  const pixelsOf = (seed) => ({
    pixel_values: new ort.Tensor('float32', testPixels(config.encoder, seed), [
      ...[1, num_channels, image_size, image_size],
    ]),
  });

  return {
    encode(seed) {
      const pixels = pixelsOf(seed);
      return timed(() => encoder.run(pixels));
    },
    async caption({ seed, count }) {
      const pixels = pixelsOf(seed);
      const clock = new Clock();
      const states = await encoder.run(pixels);
      const feeds = await memory.run({ encoder_hidden_states: states.last_hidden_state });
      const caches = decoder.inputNames.filter((name) => name.startsWith('past_key_values.'));
      for (const name of caches) {
        feeds[name] = new ort.Tensor('float32', new Float32Array(), [1, n_head, 0, n_embd / n_head]);
      }
      for (let id = config.decoder_start_token_id; clock.count < count; ) {
        feeds.input_ids = new ort.Tensor('int64', BigInt64Array.of(BigInt(id)), [1, 1]);
        const results = await decoder.run(feeds);
        for (const name of caches) feeds[name] = results[name.replace('past_key_values', 'present')];
        id = largest(results.logits.data);
        clock.onToken(id);
      }
      return clock.result();
    },
  };
}

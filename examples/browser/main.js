import { embeddedModel } from 'gpt2-wasm';
import { createWorkerModel } from 'gpt2-wasm/worker';

const form = document.querySelector('form');
const output = document.querySelector('output');
const status = document.querySelector('[role=status]');
const { prompt, tokens, seed, stop } = form.elements;

/** The model, loaded for the first text: the one in the package, or `?model=` with an address or an id of the hub. */
let loading;
const load = () =>
  createWorkerModel(new URLSearchParams(location.search).get('model') ?? embeddedModel, {
    // `simd` gives the same text from the same seed in every browser; leave it out for the faster build.
    build: 'simd',
    onProgress: ({ loaded, total }) => {
      status.textContent = `loading: ${Math.round((100 * loaded) / total)} %`;
    },
  });

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const stopped = new AbortController();
  stop.onclick = () => stopped.abort();
  stop.disabled = false;
  form.querySelector('button').disabled = true;
  output.textContent = prompt.value;
  try {
    loading ??= load();
    const model = await loading;
    const options = { maxTokens: Number(tokens.value), seed: Number(seed.value), signal: stopped.signal };
    const stream = model.stream(prompt.value, options);
    status.textContent = 'writing';
    for await (const { text } of stream) output.append(text);
    const { finishReason, timings } = await stream.completion;
    status.textContent = `${finishReason}, ${Math.round(timings.tokensPerSecond)} tokens a second`;
  } catch (error) {
    status.textContent = error.message;
    const isLoaded = await loading?.then(
      () => true,
      () => false,
    );
    if (!isLoaded) loading = undefined;
  } finally {
    stop.disabled = true;
    form.querySelector('button').disabled = false;
  }
});

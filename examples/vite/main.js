import { createWorkerModel } from 'gpt2-wasm/worker';

const form = document.querySelector('form');
const output = document.querySelector('output');
const status = document.querySelector('[role=status]');

// `simd` gives the same text from the same seed in every browser; leave it out for the faster build.
const loading = createWorkerModel('/stories/stories.gguf', { build: 'simd' });

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  const prompt = form.elements.prompt.value;
  button.disabled = true;
  output.textContent = prompt;
  try {
    const stream = (await loading).stream(prompt, { maxTokens: 100, seed: 7 });
    status.textContent = 'writing';
    for await (const { text } of stream) output.append(text);
    status.textContent = (await stream.completion).finishReason;
  } catch (error) {
    status.textContent = error.message;
  } finally {
    button.disabled = false;
  }
});

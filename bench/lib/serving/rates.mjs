import { highestRate } from './arithmetic.mjs';
import { sendJson } from './client.mjs';
import { HealthProbe } from './health.mjs';
import { requestMaker, systemPrompts } from './mix.mjs';
import { measureWindow } from './window.mjs';

const WARM_UP = 12;

/**
 * Measures windows at the given rates, or looks for the highest rate that is held. Returns a row for each window in
 * the order of the rates, and of the highest one that was held the requests a second, and those for each busy core.
 */
export async function measureRates(server, { seconds, rates }) {
  const health = new HealthProbe(server.url);
  const windows = [];
  const isHeld = async (rate) => {
    console.error(`${rate.toFixed(2)} requests/s for ${seconds} s ...`);
    const row = await measureWindow(server, health, { rate, seconds, window: 1 + windows.length });
    windows.push(row);
    console.error(
      `first token p95 ${row.first.p95.toFixed(0)} ms, ${row.tokensPerSecond.toFixed(0)} tokens/s, missed: ${row.missed.join(', ') || 'nothing'}`,
    );
    return row.missed.length === 0;
  };
  try {
    const alone = await warmUp(server.url);
    if (rates === undefined) await highestRate(isHeld, 1 / alone);
    else for (const rate of rates) await isHeld(rate);
  } finally {
    await health.end();
  }
  windows.sort((a, b) => a.rate - b.rate);
  const best = windows.findLast(({ missed }) => missed.length === 0);
  return {
    ...{ seconds, windows },
    peakMegabytes: Math.max(...windows.map((row) => row.peakMegabytes)),
    held: best && { rate: best.rate, perCore: best.rate / Math.max(1, best.processor ?? 1) },
  };
}

/** Lets the server compile its code and see the system prompts; returns the seconds that a request takes alone. */
async function warmUp(url) {
  for (const prompt of systemPrompts()) {
    await sendJson(url, '/v1/completions', { prompt, max_tokens: 1 });
    const messages = [
      { role: 'system', content: prompt },
      { role: 'user', content: 'Hello' },
    ];
    await sendJson(url, '/v1/chat/completions', { messages, max_tokens: 1 });
  }
  const requestOf = requestMaker(0);
  let start = 0;
  for (let i = 0; i < 2 * WARM_UP; i++) {
    if (i === WARM_UP) start = performance.now();
    const { path, body } = requestOf(i);
    await sendJson(url, path, { ...body, stream: false, stream_options: undefined });
  }
  return (performance.now() - start) / 1000 / WARM_UP;
}

import { loadedModels } from '../../generate/loaded_models.js';
import type { Model } from '../../model/model.js';
import type { AnswerDetails } from '../exchange.js';
import type { AccessEntry } from '../handler_options.js';
import { Counter, Durations } from './counts.js';
import type { Family, Sample } from './exposition.js';

/** What the server does at present. */
export interface Present {
  readonly computing: number;
  readonly streams: number;
  /** Loaded models by their names. */
  readonly models: readonly (readonly [name: string, model: Model])[];
}

/** Batches of which the mean size is given: the latest ones. */
const MEASURED_BATCHES = 64;

/** Counters of a server, for Prometheus. */
export class Metrics {
  readonly #requests = new Counter();
  readonly #promptTokens = new Counter();
  readonly #generatedTokens = new Counter();
  readonly #durations = new Durations();
  readonly #firstTokens = new Durations();

  add(
    { status, ms, model, promptTokens = 0, completionTokens = 0 }: AccessEntry,
    { route, firstMs }: AnswerDetails,
  ): void {
    this.#requests.add({ route, status: String(status) }, 1);
    if (firstMs !== undefined) this.#firstTokens.add(firstMs);
    if (model === undefined) return;
    this.#durations.add(ms);
    this.#promptTokens.add({ model }, promptTokens);
    this.#generatedTokens.add({ model }, completionTokens);
  }

  /** All of them, with what the server does at present. */
  families({ computing, streams, models }: Present): Family[] {
    const ofModels = (name: string, help: string, value: (model: Model) => number) =>
      gauge(
        name,
        help,
        models.map(([name, model]) => [{ model: name }, value(model)]),
      );
    const pages = models.flatMap(([name, model]): Sample[] => {
      const { total, used, cached } = model.stats().pages;
      const states = { used, cached, free: total - used - cached };
      return Object.entries(states).map(([state, count]) => [{ model: name, state }, count]);
    });
    return [
      this.#requests.family('gpt2_wasm_requests_total', 'Answered requests by route and status.'),
      this.#durations.family('gpt2_wasm_request_seconds', 'Time to the end of answers that used a model.'),
      this.#firstTokens.family(
        'gpt2_wasm_time_to_first_token_seconds',
        'Time to the first event of streams.',
      ),
      this.#promptTokens.family('gpt2_wasm_prompt_tokens_total', 'Tokens of prompts and inputs.'),
      this.#generatedTokens.family('gpt2_wasm_generated_tokens_total', 'Generated tokens.'),
      gauge('requests_computing', 'Requests that compute or wait.', [[{}, computing]]),
      gauge('streams_open', 'Open streams, also while nobody reads them.', [[{}, streams]]),
      ofModels('evaluations_waiting', 'Evaluations that wait: the queue.', (model) => model.stats().waiting),
      ofModels('evaluations_running', 'Evaluations in progress.', (model) => model.stats().running),
      ofModels(
        'tokens_per_second',
        'Sampled and scored tokens a second of computing, lately.',
        (model) => model.stats().tokensPerSecond,
      ),
      ofModels('batch_tokens', 'Mean tokens of a batch, lately.', meanBatch),
      gauge('pages', 'Pages of keys and values, for 128 positions each.', pages),
      ofModels('memory_bytes', 'WebAssembly memory.', (model) => model.runtime.memoryBytes),
    ];
  }
}

/** A metric of what is so at present. */
export const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `gpt2_wasm_${name}`,
  type: 'gauge',
  help,
  samples: samples.map((sample) => ['', ...sample] as const),
});

function meanBatch(model: Model): number {
  const latest = loadedModels.get(model)!.core.batchTimes.slice(-MEASURED_BATCHES);
  const rows = latest.reduce((sum, batch) => sum + batch.rows, 0);
  return latest.length === 0 ? 0 : rows / latest.length;
}

import { ATTN, FC, NO_TOKEN, OUT, PROJ } from '../../../assembly/abi.js';
import { nextTask } from '../../base/next_task.js';
import { now } from '../../base/timers.js';
import type { ForwardJob, Job, JobRunner } from '../abi/job.js';
import type { EvaluatedRun, LogitsRow } from '../types.js';
import { editRow, readRow } from './actions.js';
import { hookLogits, hookResults } from './derived_reads.js';
import { hookAttention } from './hooked_attention.js';
import { HookedBatch, type PlacedRun, type Rows } from './hooked_batch.js';
import { hookNorm } from './hooked_norm.js';
import type { EndHook, LayerHook, StartHook } from './points.js';
import { rowBytes, type Tracer } from './tracer.js';

/** Slices are cut by the times of all threads, so that they may take longer here: the event loop runs after so long. */
const SLICE_MS = 40;

const START_HOOKS = ['hook_embed', 'hook_pos_embed'] as const satisfies StartHook[];
const END_HOOKS = ['ln_final.hook_scale', 'ln_final.hook_normalized'] as const satisfies EndHook[];

/**
 * Computes layers with hooks in parts, on the caller's own thread, and lets the hooks read and change numbers between
 * them; the core computes the other layers. Rows without hooks get the bits that the core computes.
 */
export class HookedRunner implements JobRunner {
  readonly #tracer: Tracer;
  readonly #batch: HookedBatch;
  readonly #row: (index: number) => LogitsRow;

  /** `row` is row `index` of the latest logits. */
  constructor(tracer: Tracer, runs: readonly EvaluatedRun[], row: (index: number) => LogitsRow) {
    this.#tracer = tracer;
    this.#row = row;
    this.#batch = new HookedBatch(tracer, runs);
  }

  async run(job: Job): Promise<void> {
    const forward = job as ForwardJob;
    const { endLayer, firstWanted, wantedRows, hasLogits } = forward;
    const { plain } = this.#tracer;
    let since = now();
    for (let layer = forward.firstLayer; layer < endLayer; ) {
      let next = layer;
      while (next < endLayer && !this.#batch.hasHooks(next)) next++;
      if (next > layer) {
        await plain.run({ ...forward, firstLayer: layer, endLayer: next, wantedRows: 0 });
        layer = next;
        continue;
      }
      this.#layer(layer++);
      if (now() - since < SLICE_MS) continue;
      await nextTask();
      since = now();
    }
    if (wantedRows === 0) return;
    if (END_HOOKS.some((hook) => this.#batch.wants(hook))) {
      this.#head(firstWanted, wantedRows, hasLogits === 1);
    } else await plain.run({ ...forward, firstLayer: endLayer });
  }

  dispose(): void {}

  get #x(): Rows {
    const { config, model } = this.#tracer;
    return { address: model.x, stride: rowBytes(config.channels), width: config.channels };
  }

  /** The residual stream before the first layer. */
  #embed(): void {
    const { parts, place, model, config, memory, zeros, vector } = this.#tracer;
    const { channels } = config;
    const hooked = this.#batch.runs.filter((run) => START_HOOKS.some((hook) => run.at(hook)));
    const embeddings: {
      readonly token: Float32Array;
      readonly position: Float32Array;
      readonly row: number;
    }[] = [];
    for (const run of hooked) {
      const { tokens, inputs } = run.evaluation;
      for (let i = 0; i < run.count; i++) {
        const index = run.start + i;
        const row = run.first + i;
        // The row of a vector in place of a token holds it already.
        const isVector = tokens[index] === NO_TOKEN;
        if (!isVector) parts.embedRow(place.model, vector, tokens[index]!, zeros);
        const token = isVector ? this.#batch.row(this.#x, row).slice() : memory.f32(vector, channels).slice();
        const embedded = inputs?.positions?.[index] ?? index;
        const position = memory.f32(model.wpe + rowBytes(channels) * embedded, channels).slice();
        let isChanged = false;
        for (const [name, numbers] of [
          ['hook_embed', token],
          ['hook_pos_embed', position],
        ] as const) {
          const actions = run.at(name);
          if (actions === undefined) continue;
          if (editRow(actions, numbers, index)) isChanged = true;
          readRow(actions.read, numbers, index);
        }
        if (isChanged) embeddings.push({ token, position, row });
      }
    }
    parts.embedBatch(place.model, place.batch);
    for (const { token, position, row } of embeddings)
      addRows(this.#batch.row(this.#x, row), token, position);
  }

  #layer(layer: number): void {
    const { parts, place, model, config } = this.#tracer;
    const { channels, innerChannels, layers } = config;
    if (layer === 0) this.#embed();
    const name = (hook: LayerHook) => `blocks.${layer}.${hook}`;
    const product = (matrix: number, out: number, x: number, accumulate = false) =>
      parts.product(place.model, place.batch, layer, matrix, out, x, accumulate, true);
    const x = this.#x;
    const { ln1Weight, ln1Bias, ln2Weight, ln2Bias } = this.#tracer.layer(layer);

    this.#batch.visit(name('hook_resid_pre'), x);
    hookLogits(this.#batch, name('hook_resid_pre.logits'), this.#row);
    parts.normalize(place.model, place.batch, layer, false);
    const rows = { runs: this.#batch.runs, x };
    const ln1 = { weight: ln1Weight, bias: ln1Bias };
    hookNorm(this.#batch, name('ln1.hook_scale'), name('ln1.hook_normalized'), ln1, rows);
    product(ATTN, model.qkv, model.normed);
    const stride = rowBytes(3 * channels);
    (['attn.hook_q', 'attn.hook_k', 'attn.hook_v'] as const).forEach((hook, part) => {
      this.#batch.visit(name(hook), { address: model.qkv + 4 * channels * part, stride, width: channels });
    });
    parts.attend(place.model, place.batch, layer);
    hookAttention(this.#batch, layer, name('attn.hook_attn_scores'), name('attn.hook_pattern'));
    this.#batch.visit(name('attn.hook_z'), { ...x, address: model.normed });
    hookResults(this.#batch, layer, name('attn.hook_result'));
    this.#addProduct(name('hook_attn_out'), (out, accumulate) =>
      product(PROJ, out, model.normed, accumulate),
    );
    this.#batch.visit(name('hook_resid_mid'), x);
    hookLogits(this.#batch, name('hook_resid_mid.logits'), this.#row);
    parts.normalize(place.model, place.batch, layer, true);
    const ln2 = { weight: ln2Weight, bias: ln2Bias };
    hookNorm(this.#batch, name('ln2.hook_scale'), name('ln2.hook_normalized'), ln2, rows);
    const hidden = { address: model.hidden, stride: rowBytes(innerChannels), width: innerChannels };
    product(FC, model.hidden, model.normed);
    this.#batch.visit(name('mlp.hook_pre'), hidden);
    parts.activateHidden(place.model, place.batch);
    this.#batch.visit(name('mlp.hook_post'), hidden);
    this.#addProduct(name('hook_mlp_out'), (out, accumulate) => product(OUT, out, model.hidden, accumulate));
    this.#batch.visit(name('hook_resid_post'), x);
    hookLogits(this.#batch, name('hook_resid_post.logits'), this.#row);
    if (layer === layers - 1) parts.keepWantedRows(place.model, place.batch);
  }

  /**
   * Adds the output of a matrix to the residual stream, as the core does. Hooks need the output itself: it is computed
   * once more by itself, and replaces what was added only where it has changed.
   */
  #addProduct(hook: string, product: (out: number, accumulate: boolean) => void): void {
    const { outputs, copies, memory } = this.#tracer;
    const x = this.#x;
    if (!this.#batch.wants(hook)) {
      product(x.address, true);
      return;
    }
    const bytes = this.#batch.rows * x.stride;
    memory.bytes(copies, bytes).set(memory.bytes(x.address, bytes));
    product(outputs, false);
    product(x.address, true);
    this.#batch.visit(hook, { ...x, address: outputs }, (row) => {
      addRows(
        this.#batch.row(x, row),
        this.#batch.row({ ...x, address: copies }, row),
        this.#batch.row({ ...x, address: outputs }, row),
      );
    });
  }

  /** Final hidden states and logits of some of the wanted rows. */
  #head(first: number, count: number, hasLogits: boolean): void {
    const { parts, place, model } = this.#tracer;
    parts.finalNorm(place.model, first, count);
    const runs = this.#batch.runs.flatMap((run): PlacedRun[] => {
      const from = Math.max(first, run.firstWanted);
      const end = Math.min(first + count, run.firstWanted + run.wanted);
      const start = run.start + run.count - run.wanted + from - run.firstWanted;
      return from < end ? [{ ...run, first: from - first, start, count: end - from }] : [];
    });
    const x = { ...this.#x, address: this.#x.address + this.#x.stride * first };
    hookNorm(this.#batch, ...END_HOOKS, { weight: model.finalWeight, bias: model.finalBias }, { runs, x });
    if (hasLogits) parts.logits(place.model, place.logits, count);
  }
}

function addRows(out: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = a[i]! + b[i]!;
}

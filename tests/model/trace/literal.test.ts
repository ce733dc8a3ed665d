import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { type Hook, hooksOf } from '../../../src/core/hooks/hooks_of.js';
import { type Edit, loadModel } from '../../../src/index.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { holds } from '../../support/property.js';
import { randomFiles } from '../../support/random_core.js';
import { memorySource } from '../../support/sources.js';

/** Models of all kinds: activations, heads, scales of scores, widths that fill no panel, a head of its own. */
const MODELS: Readonly<Record<string, Partial<ModelConfig>>> = {
  'as OpenAI made it, a longer context': { contextLength: 40 },
  'GELU by the error function, one head, an odd width': {
    ...{ channels: 17, heads: 1, innerChannels: 33, activation: 'gelu-erf' },
  },
  'ReLU, heads of one number, an inner layer that is narrow': {
    ...{ channels: 6, heads: 6, innerChannels: 3, activation: 'relu', tiedHead: false },
  },
  'SiLU, scores that are also divided by the layer': {
    ...{ channels: 20, heads: 2, layers: 3, activation: 'silu', scaleAttentionByInverseLayer: true },
  },
  'tanh, scores as they are': {
    ...{ channels: 48, heads: 3, layers: 1, activation: 'tanh', scaleAttention: false, tiedHead: false },
  },
  'scores divided by the layer alone, a large epsilon': {
    ...{ channels: 34, heads: 2, scaleAttention: false, scaleAttentionByInverseLayer: true },
    layerNormEpsilon: 0.1,
  },
};

const isKeys = ({ shape }: Hook) => shape[2] === 'tokens';
const hasHeads = ({ shape }: Hook) => shape.length === 3;

/** Tokens of a text: the whole context of most models. */
const COUNT = 6;

/** How far apart numbers in single and in double precision may be. */
function assertNear(got: ArrayLike<number>, want: ArrayLike<number>, what: string): void {
  assert.is(got.length, want.length, what);
  for (let i = 0; i < want.length; i++) {
    const far = Math.abs(got[i]! - want[i]!) / Math.max(1, Math.abs(want[i]!));
    assert.ok(far <= 3e-4, `${what} ${i}: ${got[i]}, ${want[i]}`);
  }
}

/** Makes a change of a position by its definition; `value` has rows for `positions`. */
function changeNumbers(edit: Edit, hook: Hook, HEADS: number, position: number, numbers: Float64Array): void {
  const positions =
    edit.positions === 'all' ? [...Array(COUNT).keys()] : Array.from(edit.positions as number[]);
  const index = positions.map((at) => (at < 0 ? at + COUNT : at)).indexOf(position);
  if (index < 0) return;
  const heads = hasHeads(hook) ? Array.from(edit.heads ?? Array(HEADS).keys()) : [0];
  const width = hasHeads(hook) ? numbers.length / HEADS : numbers.length;
  const value = edit.value as number[];
  heads.forEach((head, place) => {
    for (let i = 0; i < width; i++) {
      const rowLength = isKeys(hook) ? COUNT : heads.length * width;
      const isOne = value?.length === rowLength;
      const row = isOne ? 0 : isKeys(hook) ? place * positions.length + index : index;
      const given = value?.[row * rowLength + (isKeys(hook) ? 0 : place * width) + i] as number;
      const at = head * width + i;
      if (edit.op === 'zero') numbers[at] = 0;
      else if (edit.op === 'scale') numbers[at]! *= edit.value as number;
      else if (edit.op === 'add') numbers[at]! += given;
      else numbers[at] = given;
    }
  });
}

const hookEdits = (editable: readonly Hook[], { heads: HEADS, channels }: ModelConfig) =>
  fc.constantFrom(...editable).chain((hook) =>
    fc
      .record({
        positions: fc.oneof(
          fc.constant('all' as const),
          fc.uniqueArray(fc.integer({ min: -COUNT, max: COUNT - 1 }), {
            minLength: 1,
            selector: (position) => (position + COUNT) % COUNT,
          }),
        ),
        heads: hasHeads(hook)
          ? fc.option(fc.shuffledSubarray([...Array(HEADS).keys()], { minLength: 1 }), { nil: undefined })
          : fc.constant(undefined),
        // A scale of 0 would divide by it.
        op: hook.name.endsWith('hook_scale')
          ? fc.constantFrom('scale' as const, 'replace' as const)
          : fc.constantFrom('zero' as const, 'scale' as const, 'add' as const, 'replace' as const),
        isByPosition: fc.boolean(),
        // Small scales would raise what is divided by them, and with it its rounding.
        numbers: fc.array(fc.integer({ min: hook.name.endsWith('hook_scale') ? 5 : 1, max: 20 }), {
          minLength: 7,
          maxLength: 7,
        }),
      })
      .map(({ positions, heads, op, isByPosition, numbers }): Edit => {
        const rows = positions === 'all' ? COUNT : positions.length;
        const chosen = heads?.length ?? HEADS;
        const one = isKeys(hook)
          ? COUNT
          : hasHeads(hook)
            ? (chosen * channels) / HEADS
            : (hook.shape[1] as number);
        const length = isByPosition ? rows * one * (isKeys(hook) ? chosen : 1) : one;
        const value = Array.from({ length }, (_, i) => numbers[i % 7]! / 10);
        const edit = { hook: hook.name, positions, ...(heads && { heads }), op };
        if (op === 'zero') return edit;
        return { ...edit, value: op === 'scale' ? numbers[0]! / 10 : value };
      }),
  );

for (const [title, change] of Object.entries(MODELS)) {
  test(`traces and edits are those of GPT-2 by its definition: ${title}`, async () => {
    const files = await randomFiles({ contextLength: COUNT, ...change });
    const model = await loadModel(memorySource('random', files), { build: 'simd' });
    const { heads: HEADS, vocabSize } = model.config;
    const hooks = hooksOf(model.config);
    const byName = new Map(hooks.map((hook) => [hook.name, hook]));
    const editable = hooks.filter(({ isEditable }) => isEditable);
    try {
      await holds(
        title,
        fc.record({
          ids: fc.array(fc.nat(vocabSize - 1), { minLength: COUNT, maxLength: COUNT }),
          edit: fc.array(hookEdits(editable, model.config), { maxLength: 3 }),
        }),
        async ({ ids, edit }) => {
          const seen = new Map<string, Float64Array[]>();
          const literal = new LiteralGpt2(files, (name, position, numbers) => {
            for (const each of edit)
              if (each.hook === name) changeNumbers(each, byName.get(name)!, HEADS, position, numbers);
            const rows = seen.get(name) ?? [];
            rows[position] = numbers.slice();
            seen.set(name, rows);
          });
          const wanted = literal.logits(ids);
          const { values, logits } = await model.trace(ids, { edit, read: ['*'] });
          for (const hook of hooks) {
            const { data } = values[hook.name]!;
            seen.get(hook.name)!.forEach((row, position) => {
              if (isKeys(hook)) {
                for (let head = 0; head < HEADS; head++) {
                  const start = (head * COUNT + position) * COUNT;
                  const own = row.subarray(head * (position + 1), (head + 1) * (position + 1));
                  assertNear(data.subarray(start, start + position + 1), own, hook.name);
                }
              } else
                assertNear(data.subarray(position * row.length, (position + 1) * row.length), row, hook.name);
            });
          }
          assertNear(logits!.data, wanted, 'logits');
        },
        12,
      );
    } finally {
      model.dispose();
    }
  });
}

test.run();

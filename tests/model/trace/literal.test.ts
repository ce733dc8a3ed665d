import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Hook, hooksOf } from '../../../src/core/hooks/hooks_of.js';
import { type Edit, loadModel } from '../../../src/index.js';
import { insideModel } from '../../support/inside_model.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { holds } from '../../support/property.js';

const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());

const { heads: HEADS, channels } = model.config;
const editable = hooksOf(model.config).filter(({ isEditable }) => isEditable);
const byName = new Map(editable.map((hook) => [hook.name, hook]));
const isKeys = ({ shape }: Hook) => shape[2] === 'tokens';
const hasHeads = (hook: Hook) => hook.shape.length === 3;

/** How far apart numbers in single and in double precision may be. */
function assertNear(got: ArrayLike<number>, want: ArrayLike<number>, what: string): void {
  assert.is(got.length, want.length, what);
  for (let i = 0; i < want.length; i++) {
    const far = Math.abs(got[i]! - want[i]!) / Math.max(1, Math.abs(want[i]!));
    assert.ok(far <= 3e-4, `${what} ${i}: ${got[i]}, ${want[i]}`);
  }
}

/** Makes a change of a position by its definition; `value` has rows for `positions`. */
function change(edit: Edit, count: number, position: number, numbers: Float64Array): void {
  const hook = byName.get(edit.hook)!;
  const positions =
    edit.positions === 'all' ? [...Array(count).keys()] : Array.from(edit.positions as number[]);
  const index = positions.map((at) => (at < 0 ? at + count : at)).indexOf(position);
  if (index < 0) return;
  const heads = hasHeads(hook) ? Array.from(edit.heads ?? Array(HEADS).keys()) : [0];
  const width = hasHeads(hook) ? numbers.length / HEADS : numbers.length;
  const value = edit.value as number[];
  heads.forEach((head, place) => {
    for (let i = 0; i < width; i++) {
      const rowLength = isKeys(hook) ? count : heads.length * width;
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

const count = 6;
const hookEdits = fc.constantFrom(...editable).chain((hook) =>
  fc
    .record({
      positions: fc.oneof(
        fc.constant('all' as const),
        fc.uniqueArray(fc.integer({ min: -count, max: count - 1 }), {
          minLength: 1,
          selector: (position) => (position + count) % count,
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
      const rows = positions === 'all' ? count : positions.length;
      const chosen = heads?.length ?? HEADS;
      const one = isKeys(hook)
        ? count
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

test('traces and edits are those of GPT-2 by its definition', async () => {
  await holds(
    'edits by definition',
    fc.record({
      ids: fc.array(fc.nat(96), { minLength: count, maxLength: count }),
      edit: fc.array(hookEdits, { maxLength: 3 }),
    }),
    async ({ ids, edit }) => {
      const seen = new Map<string, Float64Array[]>();
      const literal = new LiteralGpt2(insideModel, (name, position, numbers) => {
        for (const each of edit) if (each.hook === name) change(each, count, position, numbers);
        const rows = seen.get(name) ?? [];
        rows[position] = numbers.slice();
        seen.set(name, rows);
      });
      const wanted = literal.logits(ids);
      const { values, logits } = await model.trace(ids, { edit, read: editable.map(({ name }) => name) });
      for (const hook of editable) {
        const { data } = values[hook.name]!;
        seen.get(hook.name)!.forEach((row, position) => {
          if (isKeys(hook)) {
            for (let head = 0; head < HEADS; head++) {
              const start = (head * count + position) * count;
              const own = row.subarray(head * (position + 1), (head + 1) * (position + 1));
              assertNear(data.subarray(start, start + position + 1), own, hook.name);
            }
          } else
            assertNear(data.subarray(position * row.length, (position + 1) * row.length), row, hook.name);
        });
      }
      assertNear(logits!.data, wanted, 'logits');
    },
    60,
  );
});

test.run();

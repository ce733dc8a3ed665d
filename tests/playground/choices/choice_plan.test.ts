import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Choice } from '../../../src/playground/choices/choice.js';
import { planOf } from '../../../src/playground/choices/choice_plan.js';

const plan = suite('plan of learning from choices');

const origin = (i: number) => ({ id: String(i), prompt: `prompt ${i}`, model: 'm', time: '2026-01-01' });
const preferences = (count: number): Choice[] =>
  Array.from({ length: count }, (_, i) => ({ ...origin(i), chosen: ' a', rejected: ' b' }));
const thumbs = (count: number, isGood: (i: number) => boolean): Choice[] =>
  Array.from({ length: count }, (_, i) => ({ ...origin(i), completion: ' c', label: isGood(i) }));

plan('enough preferences are learned by DPO, in their order', () => {
  const made = planOf([...preferences(8), ...thumbs(3, () => true)]);
  if (typeof made === 'string') return assert.unreachable(made);
  assert.is(made.loss, 'dpo');
  assert.is(made.validation, 0, 'all are needed');
  assert.equal(made.examples.length, 8);
  assert.equal(made.examples[1], { prompt: 'prompt 1', chosen: ' a', rejected: ' b' });
});

plan('thumbs are learned by KTO, and each preference as two', () => {
  const made = planOf([...preferences(2), ...thumbs(12, (i) => i % 2 === 0)]);
  if (typeof made === 'string') return assert.unreachable(made);
  assert.is(made.loss, 'kto');
  assert.equal(made.examples.slice(0, 2), [
    { prompt: 'prompt 0', completion: ' a', label: true },
    { prompt: 'prompt 0', completion: ' b', label: false },
  ]);
  assert.is(made.examples.length, 16);
  assert.equal(made.examples[5], { prompt: 'prompt 1', completion: ' c', label: false });
});

plan('with many examples a fifth is held out', () => {
  for (const choices of [preferences(20), thumbs(20, (i) => i < 10)]) {
    const made = planOf(choices);
    assert.ok(typeof made !== 'string' && made.validation === 0.2);
  }
});

plan('too few choices say how many are needed, and thumbs of one kind which are missing', () => {
  assert.match(
    planOf([]) as string,
    /needs 8 preferences or 16 thumbs; there are 0 preferences and 0 thumbs/,
  );
  assert.match(planOf(preferences(7)) as string, /there are 7 preferences and 0 thumbs/);
  assert.match(planOf(thumbs(15, (i) => i > 1)) as string, /0 preferences and 15 thumbs/);
  assert.match(planOf(thumbs(16, () => true)) as string, /needs bad continuations too: all are called good/);
  assert.match(planOf(thumbs(16, () => false)) as string, /needs good continuations too: all are called bad/);
  assert.ok(typeof planOf(preferences(8)) !== 'string');
  assert.ok(typeof planOf(thumbs(16, (i) => i > 1)) !== 'string');
});

plan.run();

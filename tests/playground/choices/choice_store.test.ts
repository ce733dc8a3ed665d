import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import { type Choice, isPreference, keyOf, type NewChoice } from '../../../src/playground/choices/choice.js';
import { type ChoiceRecords, ChoiceStore } from '../../../src/playground/choices/choice_store.js';
import { holds } from '../../support/property.js';

const store = suite('store of choices');

/** Records in memory. */
class Memory implements ChoiceRecords {
  readonly kept = new Map<string, Choice>();
  async values() {
    return [...this.kept.values()];
  }
  async set(choices: readonly Choice[]) {
    for (const choice of choices) this.kept.set(choice.id, choice);
  }
  async delete(ids: readonly string[]) {
    for (const id of ids) this.kept.delete(id);
  }
  async clear() {
    this.kept.clear();
  }
}

const origin = { model: 'stories', time: '2026-01-02T03:04:05.000Z' };
const thumb = (prompt: string, completion: string, label: boolean): NewChoice => ({
  ...{ prompt, completion, label },
  ...origin,
});
const preference = (prompt: string, chosen: string, rejected: string): NewChoice => ({
  ...{ prompt, chosen, rejected },
  ...origin,
});
const textsOf = (choices: readonly Choice[]) =>
  choices.map((choice) => (isPreference(choice) ? `${choice.chosen}>${choice.rejected}` : choice.completion));

store(
  'the latest choice comes first; a later one about the same texts replaces the earlier one',
  async () => {
    const choices = new ChoiceStore(new Memory());
    let changes = 0;
    choices.onChange(() => changes++);
    await choices.add([thumb('p', 'a', true), thumb('p', 'b', true)]);
    await choices.add([preference('p', 'a', 'b')]);
    await choices.add([thumb('p', 'a', false), preference('p', 'b', 'a')]);
    const list = await choices.list();
    assert.equal(textsOf(list), ['b>a', 'a', 'b']);
    assert.is((list[1] as { label: boolean }).label, false);
    assert.is(changes, 3);
  },
);

store(
  'what another version of the page has stored hides no choice, and goes when all are deleted',
  async () => {
    const memory = new Memory();
    const others = [null, 5, 'a', {}, { id: 'b' }, { ...thumb('p', 'c', true), id: 'd', label: 'yes' }];
    for (const [i, value] of others.entries()) memory.kept.set(String(i), value as unknown as Choice);
    const choices = new ChoiceStore(memory);
    assert.is((await choices.add([thumb('p', 'a', true)])).total, 1);
    assert.equal(textsOf(await choices.list()), ['a']);
    assert.is(memory.kept.size, others.length + 1);
    await choices.removeAll();
    assert.is(memory.kept.size, 0);
  },
);

store('choices are changed and deleted, one by one and all', async () => {
  const choices = new ChoiceStore(new Memory());
  const { stored } = await choices.add(['a', 'b', 'c'].map((text) => thumb('p', text, true)));
  await choices.change({ ...stored[0]!, prompt: 'another' });
  await choices.remove([stored[1]!.id]);
  const list = await choices.list();
  assert.equal(
    list.map(({ prompt }) => prompt),
    ['p', 'another'],
  );
  await choices.removeAll();
  assert.equal(await choices.list(), []);
});

store('a long prompt keeps its end from a space on, a long continuation its beginning', async () => {
  const choices = new ChoiceStore(new Memory());
  const words = 'word '.repeat(2000);
  const { stored } = await choices.add([thumb(`${words}end`, 'x'.repeat(30_000), true)]);
  const [kept] = stored as [Choice & { completion: string }];
  assert.ok(kept.prompt.length <= 4000 && kept.prompt.length > 3990);
  assert.ok(kept.prompt.startsWith(' word') && kept.prompt.endsWith('word end'));
  assert.is(kept.completion.length, 20_000);
});

store('a browser without storage is told as an error, and lists nothing', async () => {
  const denied = () => Promise.reject(new Error('denied'));
  const choices = new ChoiceStore({ values: denied, set: denied, delete: denied, clear: denied });
  assert.equal(await choices.list(), []);
  for (const write of [() => choices.add([thumb('p', 'a', true)]), () => choices.removeAll()]) {
    const error = await write().then(
      () => undefined,
      (cause) => cause,
    );
    assert.ok(error instanceof Gpt2Error && error.code === 'storage');
  }
});

const texts = fc.constantFrom('a', 'b', 'c', 'd');
const drawn: fc.Arbitrary<NewChoice> = fc.oneof(
  fc.tuple(texts, texts, fc.boolean()).map((parts) => thumb(...parts)),
  fc.tuple(texts, texts, texts).map((parts) => preference(...parts)),
);

store('at most so many choices are stored, the latest of each text; the others are counted', () =>
  holds(
    'bound of the store',
    fc.record({
      rounds: fc.array(fc.array(drawn, { maxLength: 8 }), { maxLength: 6 }),
      most: fc.integer({ min: 1, max: 6 }),
    }),
    async ({ rounds, most }) => {
      const choices = new ChoiceStore(new Memory(), most);
      // The reference: a list of all, the earlier of equal ones deleted, cut at the front.
      let expected: NewChoice[] = [];
      // All at once: writes wait for one another.
      const added = await Promise.all(rounds.map((round) => choices.add(round)));
      for (const [i, round] of rounds.entries()) {
        const all = [...expected, ...round];
        const distinct = all.filter(
          (one, at) => !all.slice(at + 1).some((later) => keyOf(later) === keyOf(one)),
        );
        expected = distinct.slice(-most);
        assert.is(added[i]!.total, expected.length);
        assert.ok(added[i]!.stored.length <= Math.min(round.length, most));
      }
      const list = await choices.list();
      assert.equal(
        list.map(({ id: _, ...choice }) => choice),
        expected.reverse(),
      );
    },
    40,
  ),
);

store.run();

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dialogue } from '../../../src/cli/chatting/dialogue.js';
import { DIALOGPT_TEMPLATE } from '../../../src/cli/inputs/standard_template.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { answersTo, dialogueWith, ignored } from '../../support/chat_dialogue.js';
import { chatSource, withTemplate } from '../../support/chat_source.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const OPTIONS = { maxTokens: 6, temperature: 1 };
const plain = await loadModel(storiesTiny, { build: 'simd', contextLength: 64 });
const templated = await loadModel(chatSource(withTemplate(DIALOGPT_TEMPLATE)), {
  ...{ build: 'simd', contextLength: 64 },
});
const stories = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => {
  for (const model of [plain, templated, stories]) model.dispose();
});

test('an answer is what the model says after the dialogue, and only what is new is evaluated', async () => {
  const dialogue = dialogueWith(stories, { maxTokens: 20, temperature: 0 });
  await dialogue.load({ system: 'Be kind.', seed: 5, exchanges: [] });
  const [first, second] = await answersTo(dialogue, ['Hi', 'Who is Lily?']);
  const options = { maxTokens: 20, temperature: 0, stop: ['\nUser:'] };
  const prompt = 'Be kind.\n\nUser: Hi\nAssistant:';
  const { text } = await stories.generate(prompt, options);
  assert.is(first!.text, text.trim());
  const longer = `${prompt} ${text.trim()}\nUser: Who is Lily?\nAssistant:`;
  assert.is(second!.text, (await stories.generate(longer, options)).text.trim());
  assert.ok(second!.completion.usage.cachedPromptTokens >= first!.completion.usage.promptTokens);
});

test("each of DialoGPT's turns ends with the end-of-text token, with its template and without", async () => {
  const end = plain.tokenizer.eosTokenId!;
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const answers: string[][] = [];
  for (const dialogue of [
    dialogueWith(templated, OPTIONS),
    dialogueWith(model, OPTIONS, DIALOGPT_TEMPLATE),
  ]) {
    await dialogue.load({ system: undefined, seed: 3, exchanges: [] });
    answers.push((await answersTo(dialogue, ['Hi', 'Tom'])).map(({ text }) => text));
  }
  assert.equal(answers[0], answers[1]);
  const [hi, tom] = ['Hi', 'Tom'].map((text) => plain.tokenizer.encode(text));
  const first = await model.generate([...hi!, end], { ...OPTIONS, seed: 3 });
  const said = model.tokenizer.encode(first.text);
  const second = await model.generate([...hi!, end, ...said, end, ...tom!, end], { ...OPTIONS, seed: 3 });
  assert.equal(answers[0], [first.text, second.text]);
  model.dispose();
});

type Step =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'undo' | 'retry' | 'reset' | 'reload' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('say' as const), text: fc.string({ maxLength: 12 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('undo', 'retry', 'reload') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
) as fc.Arbitrary<Step>;

test('a dialogue answers as a new one of the same messages, whatever was taken back before', async () => {
  await holds(
    'dialogues',
    fc.record({
      steps: fc.array(step, { maxLength: 9 }),
      model: fc.constantFrom(plain, templated),
      system: fc.option(fc.string({ maxLength: 8 }), { nil: undefined }),
      seed: fc.integer({ min: 0, max: 1000 }),
    }),
    async ({ steps, model, system, seed }) => {
      const start = { system, seed, exchanges: [] };
      let dialogue: Dialogue = dialogueWith(model, OPTIONS);
      await dialogue.load(start);
      for (const each of steps) {
        if (each.kind === 'say') await dialogue.say(each.text, ignored);
        else if (each.kind === 'retry') await dialogue.retry(ignored);
        else if (each.kind === 'undo') dialogue.undo();
        else if (each.kind === 'reset') dialogue.reset();
        else {
          const state = JSON.parse(JSON.stringify(dialogue.state));
          dialogue = dialogueWith(model, OPTIONS);
          await dialogue.load(state);
        }
      }
      const fresh = dialogueWith(model, OPTIONS);
      await fresh.load(start);
      for (const { user, tries } of dialogue.state.exchanges) {
        await fresh.say(user, ignored);
        for (let i = 0; i < tries; i++) await fresh.retry(ignored);
      }
      assert.equal(fresh.state, dialogue.state);
      const [last, same] = [await dialogue.say('And?', ignored), await fresh.say('And?', ignored)];
      assert.equal([last.text, last.dropped], [same.text, same.dropped]);
    },
    40,
  );
});

test('when the context is full, the oldest exchanges are dropped, the system message stays, and the rest fits', async () => {
  const dialogue = dialogueWith(plain, OPTIONS);
  await dialogue.load({ system: 'Kind.', seed: 1, exchanges: [] });
  const messages = Array.from({ length: 8 }, (_, i) => `Say ${i}`);
  const answers = await answersTo(dialogue, messages);
  const { exchanges } = dialogue.state;
  assert.is(exchanges.length, messages.length);
  assert.ok(answers.some(({ dropped }) => dropped > 0));
  let from = 0;
  for (const [i, { completion, dropped }] of answers.entries()) {
    from += dropped;
    const read = exchanges.slice(from, i).map(({ user, answer }) => `User: ${user}\nAssistant: ${answer}\n`);
    const prompt = plain.tokenizer.encode(`Kind.\n\n${read.join('')}User: Say ${i}\nAssistant:`);
    assert.is(completion.usage.promptTokens, prompt.length);
    assert.is(completion.finishReason === 'context', false);
    // Half of the context is free after something was dropped.
    assert.ok(prompt.length <= (dropped > 0 ? 32 : 64 - 6));
  }
  // The next answer reads what was kept, so that most of it is not evaluated again.
  const kept = answers.filter(({ dropped }) => dropped === 0).slice(1);
  assert.ok(kept.every(({ completion: { usage } }) => usage.cachedPromptTokens > usage.promptTokens / 3));
});

test('a message that is longer than the context is refused, and changes nothing', async () => {
  const dialogue = dialogueWith(plain, OPTIONS);
  await dialogue.load({ system: undefined, seed: 1, exchanges: [] });
  await dialogue.say('Hi', ignored);
  const before = dialogue.state;
  await thrown(() => dialogue.say('word '.repeat(200_000), ignored), 'context-full', 'shorten it');
  await thrown(() => dialogue.setSystem('word '.repeat(100)), 'context-full', 'context of 64 tokens');
  assert.equal(dialogue.state, before);
  // One that was said to a model with a longer context is not read, nor is what came before it.
  const said = { user: 'word '.repeat(100), answer: 'No.', tries: 0 };
  const hi = { user: 'Hi', answer: 'Hello.', tries: 0 };
  const [long, short] = [dialogueWith(plain, OPTIONS), dialogueWith(plain, OPTIONS)];
  await long.load({ system: 'Kind.', seed: 1, exchanges: [hi, said, hi] });
  await short.load({ system: 'Kind.', seed: 1, exchanges: [hi] });
  assert.is((await long.say('And?', ignored)).text, (await short.say('And?', ignored)).text);
  assert.is(long.state.exchanges.length, 4);
});

test('an answer that is stopped keeps what was said; before its first text it is forgotten', async () => {
  const dialogue = dialogueWith(stories, { maxTokens: 60, temperature: 0 });
  await dialogue.load({ system: undefined, seed: 1, exchanges: [] });
  const stop = new AbortController();
  let shown = '';
  const { text, completion } = await dialogue.say(
    'Hi',
    async (piece) => {
      shown += piece;
      if (shown.length > 10) stop.abort();
    },
    stop.signal,
  );
  assert.is(completion.finishReason, 'aborted');
  assert.is(text, shown.trimEnd());
  assert.is(dialogue.state.exchanges[0]!.answer, text);
  // The dialogue goes on from there.
  const longer = `User: Hi\nAssistant: ${text}\nUser: And?\nAssistant:`;
  const expected = await stories.generate(longer, { maxTokens: 60, temperature: 0, stop: ['\nUser:'] });
  assert.is((await dialogue.say('And?', ignored)).text, expected.text.trim());
  const before = dialogue.state;
  const aborted = AbortSignal.abort();
  assert.is((await dialogue.say('Never', ignored, aborted)).text, '');
  assert.is((await dialogue.retry(ignored, aborted))!.text, '');
  assert.equal(dialogue.state, before);
});

test('an answer that is asked for again is another one', async () => {
  const dialogue = dialogueWith(stories, { maxTokens: 12, temperature: 1 });
  await dialogue.load({ system: undefined, seed: 2, exchanges: [] });
  assert.is(await dialogue.retry(ignored), undefined);
  assert.is(dialogue.undo(), undefined);
  const { text, completion } = await dialogue.say('Tell me a story.', ignored);
  const again = (await dialogue.retry(ignored))!;
  assert.equal([completion.seed, again.completion.seed], [2, 3]);
  assert.not.equal(again.text, text);
  assert.equal(dialogue.undo(), { user: 'Tell me a story.', answer: again.text, tries: 1 });
});

test.run();

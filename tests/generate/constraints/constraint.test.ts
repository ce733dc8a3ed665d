import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Completion } from '../../../src/generate/completion.js';
import { anyText } from '../../../src/generate/constraints/expressions/code_points.js';
import type { Expression } from '../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../src/generate/constraints/expressions/expressions.js';
import { FormatAutomaton } from '../../../src/generate/constraints/format_automaton.js';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { Session } from '../../../src/generate/session.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { holds } from '../../support/property.js';
import { build, type Plan, plans } from '../../support/random_expression.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

const tokenizer = {
  ...fakeTokenizer,
  specialTokens: new Map([['<|end|>', 0]]),
  tokensAlong: (bytes: Uint8Array) =>
    Array.from({ length: fakeTokenizer.vocabSize - 1 }, (_, i) => i + 1).filter((id) =>
      fakeTokenizer.tokenBytes(id).every((byte, i) => i >= bytes.length || bytes[i] === byte),
    ),
} as unknown as Tokenizer;

interface Form {
  readonly format: FormatAutomaton;
  readonly start: Expression;
}

/** The format of a plan, of whole characters; undefined if no text, or only the empty one, has it. */
function formOf(plan: Plan): Form | undefined {
  const make = new Expressions();
  const start = make.both([build(make, plan), anyText(make)]).pruned();
  if (start.isNothing || start === make.empty) return undefined;
  return { format: new FormatAutomaton({ regex: JSON.stringify(plan) }, make, start), start };
}

/** Fails unless the texts of a completion have the form, or are cut off before they could have it. */
function assertForm({ choices }: Completion, { format, start }: Form): void {
  for (const { text, tokens, finishReason } of choices) {
    if (finishReason === 'length' || finishReason === 'context') {
      // The last character may lack bytes.
      const bytes = tokens.flatMap((id) => [...tokenizer.tokenBytes(id)]);
      assert.not(start.after(Uint8Array.from(bytes)).isNothing, text);
    } else assert.ok(format.accepts(text), `${JSON.stringify(text)} ended by ${finishReason}`);
  }
}

async function generate(
  core: FakeCore,
  prompt: readonly number[],
  options: GenerateOptions,
): Promise<Completion> {
  const session = new Session(core, tokenizer, unsaved);
  const completion = await session.generate(prompt, options);
  session.dispose();
  assert.is(core.pool.counts.used, 0);
  return completion;
}

/** A completion without times and numbers of drafts. */
function results({ choices, seed, usage }: Completion) {
  return { choices, seed, tokens: usage.completionTokens };
}

const options: fc.Arbitrary<GenerateOptions> = fc.record({
  maxTokens: fc.integer({ min: 1, max: 40 }),
  temperature: fc.constantFrom(0.5, 1, 3),
  topK: fc.constantFrom(0, 3),
  topP: fc.constantFrom(1, 0.8),
  n: fc.constantFrom(1, 3),
  seed: fc.nat(),
  repetitionPenalty: fc.constantFrom(1, 1.5),
  logprobs: fc.constantFrom(undefined, 2),
});
const searches: fc.Arbitrary<GenerateOptions> = fc.oneof(
  fc.record({
    beams: fc.constant(4),
    returned: fc.constantFrom(1, 4),
    lengthPenalty: fc.constantFrom(1, -1),
  }),
  fc.constant({ penaltyAlpha: 0.5, topK: 4 }),
);
const prompts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });

test('what is sampled has the form, also with n, speculation and a model that drafts', async () => {
  await holds(
    'sampled forms',
    fc.tuple(plans, prompts, options),
    async ([plan, prompt, options]) => {
      const form = formOf(plan);
      if (form === undefined) return;
      const { format } = form;
      const core = new FakeCore({ contextLength: 64 });
      const plain = await generate(core, prompt, { ...options, format });
      assertForm(plain, form);
      const looked = await generate(core, prompt, { ...options, format, speculate: 'prompt' });
      assert.equal(results(looked), results(plain));
      const drafting = new FakeCore(core.config);
      drafting.batchMs = () => 0.05;
      const draft = { config: drafting.config };
      loadedModels.set(draft, { core: drafting, tokenizer });
      assert.equal(results(await generate(core, prompt, { ...options, format, draft })), results(plain));
      assert.is(drafting.pool.counts.used, 0);
    },
    150,
  );
});

test('what searches find has the form', async () => {
  await holds(
    'found forms',
    fc.tuple(plans, prompts, searches),
    async ([plan, prompt, search]) => {
      const form = formOf(plan);
      if (form === undefined) return;
      const core = new FakeCore({ contextLength: 64 });
      assertForm(await generate(core, prompt, { maxTokens: 20, ...search, format: form.format }), form);
    },
    80,
  );
});

test('a text ends with the reason stop when nothing can follow, and with eos where it may end', async () => {
  const core = new FakeCore();
  const format = { choices: ['the end', 'a cat.', 'go'] };
  for (let seed = 0; seed < 20; seed++) {
    const { text, finishReason } = await generate(core, [1], { format, seed });
    assert.ok(format.choices.includes(text), text);
    assert.is(finishReason, 'stop');
  }
  const { choices } = await generate(core, [1], { format, beams: 3, returned: 3 });
  // Two of them may be the same text in other tokens.
  assert.ok(choices.every(({ text }) => format.choices.includes(text)));
  assert.ok(choices.every(({ finishReason }) => finishReason === 'stop'));
  core.logitsOf = () => Array.from({ length: core.config.vocabSize }, (_, id) => (id === 0 ? 9 : 0));
  const early = await generate(core, [1], { format: { choices: ['go', 'gone'] } });
  assert.is(early.text, 'go');
  assert.is(early.finishReason, 'eos');
  const late = await generate(core, [1], { format: { choices: ['go', 'gone'] }, ignoreEos: true });
  assert.is(late.text, 'gone');
});

test('the only continuation is appended, many tokens in one batch', async () => {
  const core = new FakeCore({ contextLength: 64 });
  const text = 'a long sentence that can only be written';
  const { tokens, usage } = await generate(core, [1], { format: { choices: [text] }, maxTokens: 60 });
  assert.is(tokenizer.decode(tokens), text);
  assert.ok(core.batches.length <= 3, `${core.batches.length} batches`);
  assert.is(usage.draftTokens, 0);
});

test('what follows for certain is in the tokens that the tokenizer itself writes', async () => {
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const format = { choices: [' Then', ' Suddenly', ' They said', ' There'] };
  for (let seed = 0; seed < 12; seed++) {
    const { text, tokens } = await model.generate('Lily went home.', {
      format,
      seed,
      temperature: 2,
      topP: 1,
    });
    // " The" begins three of them, so that it is usual; after it what follows is.
    const usual = model.tokenizer.encode(text);
    assert.ok(tokens.length <= usual.length + 1, `${text} is ${tokens}, not ${usual}`);
    if (text === ' Suddenly') assert.equal(tokens, usual);
  }
  model.dispose();
});

test('token healing, stop strings and streams work with a format', async () => {
  const core = new FakeCore();
  const format = { choices: ['ing the cat', 'e cat. a dog'] };
  const prompt = tokenizer.encode('a th');
  const session = new Session(core, tokenizer, unsaved);
  for (let seed = 0; seed < 10; seed++) {
    const stream = session.stream(prompt, { format, heal: true, seed, stop: ' cat' });
    let text = '';
    for await (const token of stream) text += token.text;
    assert.ok(['ing the', 'e'].includes(text), text);
    assert.is((await stream.completion).finishReason, 'stop');
  }
  session.dispose();
});

test('a grammar that contains itself is a format', async () => {
  const core = new FakeCore();
  const grammar = 'root ::= "a" root "b" | "c" [de]{2}';
  for (let seed = 0; seed < 10; seed++) {
    const { text, finishReason } = await generate(core, [1], { format: { grammar }, seed, maxTokens: 25 });
    if (finishReason === 'length') assert.match(text, /^(a|ab)+/);
    else assert.match(text, /^(a*)c[de]{2}(b*)$/);
    const [as, bs] = [text.match(/a/g) ?? [], text.match(/b/g) ?? []];
    if (finishReason === 'stop') assert.is(as.length, bs.length);
  }
});

test('formats that are none are refused before a token', async () => {
  const core = new FakeCore();
  const refused = (format: unknown, ...words: string[]) =>
    thrown(() => generate(core, [1], { format } as GenerateOptions), 'invalid-option', ...words);
  await refused('a', 'format is "a"');
  await refused({}, 'none of these');
  await refused({ regex: 'a', choices: ['a'] }, "'choices' or 'regex'");
  await refused({ choices: [] }, 'format.choices is empty');
  await refused({ choices: ['a', ''] }, 'format.choices[1] is ""');
  await refused({ choices: 'a' }, 'format.choices');
  await refused({ regex: 5 }, 'format.regex is 5');
  await refused({ grammar: 5 }, 'format.grammar is 5');
  await refused({ grammar: 'root ::= other' }, 'other');
  await refused({ regex: '[' }, 'regular expression /[/');
  await refused({ regex: 'a(?!)' }, 'no text has the format');
  const circle: { choices: unknown[] } = { choices: [] };
  circle.choices.push(circle);
  await refused(circle, 'plain data');
  await refused({ choices: ['a'], order: 'any' }, 'order is not an option');
  assert.is(core.batches.length, 0);
});

test('all tokens of the format banned is an error, not another text', async () => {
  const core = new FakeCore();
  await thrown(
    () => generate(core, [1], { format: { choices: ['go'] }, bannedTokens: tokenizer.encode('g') }),
    'invalid-option',
    'no token is left',
  );
});

test.run();

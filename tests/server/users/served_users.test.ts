import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type Model } from '../../../src/index.js';
import { createHandler, type Feedback, type UserAdapters } from '../../../src/server.js';
import { writeAdapter } from '../../../src/train.js';
import { randomAdapter } from '../../support/adapters.js';
import { memoryTarget } from '../../support/memory_target.js';
import { holds } from '../../support/property.js';
import { ask, eventsOf, request } from '../../support/serving.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const COMPLETIONS = '/v1/completions';
const load = () => loadModel(fileURLToPath(storiesTiny), { build: 'simd' });
const model = await load();
test.after(() => model.dispose());

/** The files of a random adapter. */
async function adapterOf(seed: number) {
  const target = memoryTarget();
  await writeAdapter(target, randomAdapter(model.config, seed, 2, ['attn.c_attn']), 'tiny');
  return target.files;
}
const [FIRST, SECOND, POEMS] = await Promise.all([1, 2, 3].map(adapterOf));

/** The text that a model gives alone. */
async function textOf(adapters: UserAdapters['adapters'], prompt: string, from: Model = model) {
  const adapted = adapters.length === 0 ? undefined : await from.withAdapters(adapters);
  const { text } = await (adapted ?? from).generate(prompt, { maxTokens: 4, temperature: 0 });
  adapted?.dispose();
  return text;
}

/** Users by their names, whose adapters count how often they were asked for. */
function usersOf(table: Record<string, UserAdapters>) {
  const kept: [string, Feedback, string][] = [];
  const users = {
    adapters: async (user: string) => (Object.hasOwn(table, user) ? table[user] : undefined),
    feedback: async (...given: [string, Feedback, string]) => void kept.push(given),
  };
  return { users, kept };
}

const USERS = {
  ann: { version: '1', adapters: [FIRST!] },
  bob: { version: '1', adapters: [SECOND!] },
  both: { version: '1', adapters: [FIRST!, { source: SECOND!, weight: 0.5 }] },
};
const NAMES = ['ann', 'bob', 'both', 'nobody', '', '../ann', 'x'.repeat(10_000), '__proto__'];

test("each of a crowd gets the bits of the own adapter alone, also beside a served one's", async () => {
  const { users } = usersOf(USERS);
  const texts = new Map<string, string>();
  for (const user of NAMES) {
    const own = Object.hasOwn(USERS, user) ? USERS[user as keyof typeof USERS].adapters : [];
    for (const prompt of ['Once', 'The dog']) {
      texts.set(`tiny ${user} ${prompt}`, await textOf(own, prompt));
      texts.set(`poems ${user} ${prompt}`, await textOf([POEMS!, ...own], prompt));
      texts.set(`other ${user} ${prompt}`, await textOf([], prompt));
    }
  }
  assert.is(
    new Set([...texts.keys()].filter((key) => /Once/.test(key)).map((key) => texts.get(key))).size,
    8,
  );
  const bodies = fc.array(
    fc.record({
      ...{ model: fc.constantFrom('tiny', 'poems', 'other'), user: fc.constantFrom(...NAMES) },
      ...{ prompt: fc.constantFrom('Once', 'The dog'), stream: fc.boolean() },
    }),
    { minLength: 4, maxLength: 12 },
  );
  const adapters = { poems: { model: 'tiny', adapters: [POEMS!] } };
  for (const given of [
    { tiny: model, other: model },
    { tiny: { bytes: 1, load }, other: { bytes: 1, load } },
  ]) {
    const maxMemory = 'load' in given.tiny ? 1 : undefined;
    await holds(
      'users',
      bodies,
      async (asked) => {
        const handler = createHandler({ models: given, adapters, users, maxMemory, limits: { users: 2 } });
        const answers = asked.map(async (body) => {
          const all = { ...body, max_tokens: 4, temperature: 0 };
          const response = await handler.fetch(request(COMPLETIONS, all));
          assert.is(response.status, 200);
          let text = '';
          if (!body.stream) text = (await response.json()).choices[0].text;
          else
            for await (const event of eventsOf(response))
              if (event !== '[DONE]') text += JSON.parse(event).choices[0].text;
          assert.is(text, texts.get(`${body.model} ${body.user} ${body.prompt}`), JSON.stringify(body));
        });
        await Promise.all(answers);
        await handler.close();
      },
      4,
    );
  }
});

test('users with adapters share no beginnings of prompts, not even with the same adapters', async () => {
  const own = await load();
  const { users } = usersOf({ ...USERS, twin: USERS.ann });
  const handler = createHandler({ models: { tiny: own }, users });
  const prompt = 'Once upon a time';
  /** The pages that are kept after a request for the next one with the same beginning. */
  const keptAfter = async (user: string) => {
    await ask(handler, COMPLETIONS, { prompt, user, max_tokens: 1, temperature: 0 });
    const { used, cached } = own.stats().pages;
    assert.is(used, 0);
    return cached;
  };
  // One page holds the prompt; who finds it takes no other.
  const asked = ['ann', 'ann', 'twin', 'twin', 'bob', 'nobody', 'guest', 'ann'];
  const kept: number[] = [];
  for (const user of asked) kept.push(await keptAfter(user));
  assert.equal(kept, [1, 1, 2, 2, 3, 4, 4, 4]);
  await handler.close();
  own.dispose();
});

test('scores and embeddings are those of the user, and chats too', async () => {
  const { users } = usersOf(USERS);
  const handler = createHandler({ models: { tiny: model }, users });
  const adapted = await model.withAdapters([FIRST!]);
  const [score] = (await ask(handler, '/v1/score', { text: 'Once upon', user: 'ann' })).body.data;
  assert.is(score.logprob, (await adapted.score('Once upon')).sum);
  const [vector] = (await ask(handler, '/v1/embeddings', { input: 'Once', user: 'ann' })).body.data;
  assert.equal(vector.embedding, [...(await adapted.embed('Once', { normalize: true }))]);
  const chat = (user?: string) =>
    ask(handler, '/v1/chat/completions', {
      ...{ messages: [{ role: 'user', content: 'Hi' }], temperature: 0, max_tokens: 6, user },
    });
  const own = (await chat('ann')).body.choices[0].message.content;
  assert.is.not(own, (await chat()).body.choices[0].message.content);
  const wanted = await adapted.generate('User: Hi\nAssistant:', {
    ...{ temperature: 0, maxTokens: 6, stop: ['\nUser:'] },
  });
  assert.is(own.trim(), wanted.text.trim());
  adapted.dispose();
  await handler.close();
});

test('an adapter that has changed is loaded again, while requests with the former one are answered', async () => {
  const table: Record<string, UserAdapters> = { ann: USERS.ann };
  const handler = createHandler({
    models: { tiny: model },
    users: usersOf(table).users,
    limits: { users: 1 },
  });
  const body = { prompt: 'Once', max_tokens: 4, temperature: 0, user: 'ann' };
  const events = eventsOf(await handler.fetch(request(COMPLETIONS, { ...body, stream: true })));
  let text = JSON.parse((await events.next()).value!).choices[0].text;
  table.ann = { version: '2', adapters: [SECOND!] };
  const later = ask(handler, COMPLETIONS, body);
  for await (const event of events) if (event !== '[DONE]') text += JSON.parse(event).choices[0].text;
  assert.is(text, await textOf([FIRST!], 'Once'));
  assert.is((await later).body.choices[0].text, await textOf([SECOND!], 'Once'));
  delete table.ann;
  assert.is((await ask(handler, COMPLETIONS, body)).body.choices[0].text, await textOf([], 'Once'));
  await handler.close();
});

test('an adapter that cannot be read fails its own requests alone, and is tried again', async () => {
  const errors: unknown[] = [];
  let version = 0;
  let isWhole = false;
  const users = {
    async adapters(user: string) {
      if (user === 'disk') throw new Error('no disk');
      if (user === 'swift') return { version: String(version++), adapters: [FIRST!] };
      return { version: 'same', adapters: [isWhole ? FIRST! : {}] };
    },
  };
  const handler = createHandler({ models: { tiny: model }, users, onError: (error) => errors.push(error) });
  const asked = (user?: string) =>
    ask(handler, COMPLETIONS, { prompt: 'Once', max_tokens: 4, temperature: 0, user });
  for (const [user, param] of [
    ['disk', 'model'],
    ['swift', 'user'],
    ['ann', 'user'],
  ] as const) {
    const { status, headers, body } = await asked(user);
    assert.equal([status, headers.get('retry-after'), body.error.param], [503, '1', param], user);
  }
  assert.match((await asked('ann')).body.error.message, 'the adapter of user "ann" could not be loaded');
  assert.is(errors.length, 4);
  assert.is((await asked()).status, 200);
  isWhole = true;
  assert.is((await asked('ann')).body.choices[0].text, await textOf([FIRST!], 'Once'));
  await handler.close();
});

test('adapters that change while they are read, whole or in pieces, are read again for the same request', async () => {
  for (const former of [FIRST!, {}]) {
    let asks = 0;
    const errors: unknown[] = [];
    const users = {
      adapters: async () =>
        asks++ === 0 ? { version: '1', adapters: [former] } : { version: '2', adapters: [SECOND!] },
    };
    const handler = createHandler({ models: { tiny: model }, users, onError: (error) => errors.push(error) });
    const body = { prompt: 'Once', max_tokens: 4, temperature: 0, user: 'ann' };
    const answer = await ask(handler, COMPLETIONS, body);
    assert.is(answer.status, 200);
    assert.is(answer.body.choices[0].text, await textOf([SECOND!], 'Once'));
    assert.equal(errors, []);
    await handler.close();
  }
});

test('feedback is kept in the terms of TRL, and what is none is refused', async () => {
  const { users, kept } = usersOf({});
  const handler = createHandler({ models: { tiny: model, other: model }, users });
  const pair = { prompt: [{ role: 'user', content: 'Hi' }], chosen: 'A', rejected: 'B' };
  const thumb = { prompt: '', completion: 'C', label: false };
  const { status, body } = await ask(handler, '/v1/feedback', { user: 'ann', ...pair });
  assert.equal([status, body], [200, { object: 'feedback', model: 'tiny', user: 'ann' }]);
  await ask(handler, '/v1/feedback', { user: 'bob', model: 'other', ...thumb, chosen: null });
  assert.equal(kept, [
    ['ann', pair, 'tiny'],
    ['bob', thumb, 'other'],
  ]);
  for (const [wrong, param, code] of [
    [{ user: '' }, 'user', 'invalid_value'],
    [{ user: undefined }, 'user', 'missing_parameter'],
    [{ prompt: undefined }, 'prompt', 'missing_parameter'],
    [{ prompt: [] }, 'prompt', 'invalid_value'],
    [{ prompt: [{ role: 'tool', content: 'a' }] }, 'prompt', 'invalid_value'],
    [{ chosen: '' }, 'chosen', 'invalid_value'],
    [{ rejected: 'A' }, 'rejected', 'invalid_value'],
    [{ rejected: undefined }, null, 'invalid_value'],
    [{ label: true }, null, 'invalid_value'],
    [{ ...thumb }, null, 'invalid_value'],
    [{ likes: 5 }, 'likes', 'unknown_parameter'],
    [{ model: 'none' }, 'model', 'model_not_found'],
  ] as const) {
    const { status, body } = await ask(handler, '/v1/feedback', { user: 'ann', ...pair, ...wrong });
    const about = JSON.stringify([wrong, body]);
    assert.equal(
      [status, body.error.param, body.error.code],
      [code === 'model_not_found' ? 404 : 400, param, code],
      about,
    );
  }
  assert.is(kept.length, 2);
  const without = createHandler({ models: { tiny: model } });
  const refused = await ask(without, '/v1/feedback', { user: 'ann', ...pair });
  assert.equal([refused.status, refused.body.error.code], [404, 'feedback_not_kept']);
  await Promise.all([handler.close(), without.close()]);
  for (const wrong of [5, {}, { adapters: async () => undefined, feedback: 5 }, null]) {
    await thrown(
      () => createHandler({ models: { tiny: model }, users: wrong as never }),
      'invalid-option',
      'users is',
    );
  }
});

test.run();

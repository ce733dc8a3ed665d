import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/index.js';
import type { Served } from '../../../src/server/models/served.js';
import { UserModels } from '../../../src/server/users/user_models.js';
import { thrown } from '../../support/thrown.js';

/** Models by the names of their users, and requests for them. */
function usersWith(most: number) {
  const events: string[] = [];
  const models = new UserModels(most);
  const make = (name: string) => async () => {
    events.push(`make ${name}`);
    const model = { dispose: () => events.push(`dispose ${name}`) };
    return { name, model } as unknown as Served;
  };
  /** Asks for a model; gives the function that ends the request. */
  const begin = async (name: string, version = '1', made = make(name)) => {
    let end = () => {};
    const exchange = {
      awaited: <T>(promise: Promise<T>) => promise,
      onEnd(listener: () => void) {
        end = listener;
      },
    };
    await models.use(name, version, made, exchange);
    return () => end();
  };
  return { models, events, begin, make };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the one that was not used for longest leaves, and is made again', async () => {
  const { events, begin } = usersWith(2);
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) (await begin(name))();
  await turn();
  assert.equal(events, ['make a', 'make b', 'make c', 'dispose b', 'make b', 'dispose c']);
});

test('one that answers never leaves: those who come later wait', async () => {
  const { events, begin } = usersWith(2);
  const ends = await Promise.all([begin('a'), begin('b'), begin('b')]);
  const late = begin('c').then((end) => end());
  ends[1]!();
  await turn();
  assert.equal(events, ['make a', 'make b']);
  ends[2]!();
  await late;
  assert.equal(events, ['make a', 'make b', 'make c', 'dispose b']);
  ends[0]!();
});

test('a former version stays until its requests end, and counts to the limit', async () => {
  const { events, begin } = usersWith(2);
  const first = await begin('a');
  const second = await begin('a', '2');
  const late = begin('b').then((end) => end());
  await turn();
  assert.equal(events, ['make a', 'make a']);
  first();
  await late;
  assert.equal(events, ['make a', 'make a', 'dispose a', 'make b']);
  second();
});

test('requests whose adapters change while they are read do not wait for each other', async () => {
  const { models, begin } = usersWith(2);
  const fails: (() => void)[] = [];
  const changes = () =>
    new Promise<Served>((_, reject) => fails.push(() => reject(new Error('they have changed'))));
  // As a request does: when its first version fails, it asks for the next one.
  const retries = async (name: string, exchange: Parameters<UserModels['use']>[3]) => {
    await models.use(name, '1', changes, exchange).catch(() => {});
    return begin(name, '2');
  };
  const ends: (() => void)[] = [];
  const open = { awaited: <T>(promise: Promise<T>) => promise, onEnd: (end: () => void) => ends.push(end) };
  const retried = ['a', 'b'].map((name) => retries(name, open));
  await turn();
  // Requests that come later have read the new versions already.
  const later = ['a', 'b'].map((name) => begin(name, '2'));
  await turn();
  for (const fail of fails) fail();
  const all = Promise.all([...retried, ...later]);
  const isStuck = await Promise.race([
    all.then(() => false),
    turn()
      .then(turn)
      .then(() => true),
  ]);
  assert.not.ok(isStuck);
  for (const end of [...(await all), ...ends]) end();
});

test('where the memory is full, idle ones leave until another fits', async () => {
  const { models, events, begin, make } = usersWith(5);
  for (const name of ['a', 'b', 'c']) (await begin(name))();
  const end = await begin('c');
  const isFull = () => events.filter((event) => event.startsWith('dispose')).length < 2;
  const full = async () => {
    await turn();
    if (isFull()) throw new Gpt2Error('out-of-memory', 'full');
    return make('d')();
  };
  (await begin('d', '1', full))();
  assert.equal(events.slice(3), ['dispose a', 'dispose b', 'make d']);
  const never = async () => {
    throw new Gpt2Error('out-of-memory', 'full');
  };
  await thrown(() => begin('e', '1', never), 'out-of-memory');
  assert.equal(events.slice(6), ['dispose d']);
  end();
  await models.dispose();
  assert.equal(events.slice(7), ['dispose c']);
});

test.run();

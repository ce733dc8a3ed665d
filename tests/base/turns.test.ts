import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anySignal } from '../../src/base/cancellation.js';
import { Gpt2Error } from '../../src/base/errors.js';
import { nextTask } from '../../src/base/next_task.js';
import { Queue } from '../../src/base/queue.js';
import { type Turn, Turns } from '../../src/base/turns.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';

test('a queue keeps the order whoever leaves', () => {
  const random = randomSource(2);
  const queue = new Queue<{ round: number }>();
  let places: ReturnType<typeof queue.add>[] = [];
  for (let round = 0; round < 5000; round++) {
    if (random.below(100) < (round < 2500 ? 60 : 40)) places.push(queue.add({ round }));
    else if (places.length > 0) {
      const gone = random.pick([places[0]!, random.pick(places)]);
      const { item } = gone;
      assert.is(queue.leave(gone), item);
      assert.is(queue.leave(gone), undefined);
      places = places.filter((place) => place !== gone);
    }
    assert.is(queue.first, places[0]);
    assert.is(queue.size, places.length);
  }
});

test('callers are served in order, those that leave excepted', async () => {
  const turns = new Turns(Infinity);
  const controller = new AbortController();
  const served: string[] = [];
  const call = async (name: string, signal?: AbortSignal) => {
    const turn = await turns.take(anySignal(signal));
    served.push(turn ? name : `${name} left`);
    await nextTask();
    turn?.end();
    turn?.end();
  };
  const calls = [call('a'), call('b'), call('c', controller.signal), call('d')];
  controller.abort();
  await Promise.all(calls);
  assert.equal(served, ['a', 'c left', 'b', 'd']);
  assert.is(await turns.take(controller.signal), undefined);
});

test('what rests is taken when others need it, at once by who does not wait or if its signal has fired', async () => {
  const turns = new Turns(30);
  const one = (await turns.take())!;
  one.rest();
  assert.ok(one.resume(), 'nobody needed it');
  assert.is(turns.takeNow(), undefined);
  one.rest();
  const two = turns.takeNow()!;
  assert.not(one.resume());
  one.end();
  assert.is(turns.takeNow(), undefined, 'it was no longer its to end');
  two.rest();
  const three = (await turns.take())!;
  assert.not(two.resume());
  three.end();

  const patient = new Turns(Infinity);
  const controller = new AbortController();
  const four = (await patient.take(controller.signal))!;
  four.rest();
  controller.abort();
  assert.ok(await patient.take());
  assert.not(four.resume());
});

test('random callers: one at a time, all served', async () => {
  const random = randomSource(8);
  for (let round = 0; round < 20; round++) {
    const turns = new Turns(0);
    let holder: Turn | undefined;
    let served = 0;
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const turn = (await turns.take())!;
        served++;
        assert.ok(holder === undefined || !holder.resume(), 'there is one holder');
        holder = turn;
        for (let task = random.below(4); task > 0; task--) await nextTask();
        if (random.below(3) === 0) turn.rest();
        else {
          if (holder === turn) holder = undefined;
          turn.end();
        }
      }),
    );
    assert.is(served, 40);
  }
});

test('close refuses who waits and who comes', async () => {
  const turns = new Turns(Infinity);
  const held = (await turns.take())!;
  const waiting = [turns.take(), turns.take()];
  turns.close(new Gpt2Error('disposed', 'it is over'));
  for (const one of waiting) await thrown(() => one, 'disposed', 'over');
  await thrown(() => turns.take(), 'disposed', 'over');
  await thrown(() => turns.takeNow(), 'disposed', 'over');
  held.end();
});

test.run();

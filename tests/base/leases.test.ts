import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anySignal } from '../../src/base/cancellation.js';
import { Gpt2Error } from '../../src/base/errors.js';
import { type Lease, Leases, SingleSupply, type Supply } from '../../src/base/leases.js';
import { nextTask } from '../../src/base/next_task.js';
import { Queue } from '../../src/base/queue.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';

/** A supply of `count` items that records the most that are lent at once. */
class Numbers implements Supply<number, 'first' | 'second'> {
  readonly free: number[];
  most = 0;
  readonly #all: number;

  constructor(count: number) {
    this.#all = count;
    this.free = Array.from({ length: count }, (_, i) => i);
  }

  take(): number | undefined {
    const item = this.free.pop();
    this.most = Math.max(this.most, this.#all - this.free.length);
    return item;
  }

  giveBack(item: number): void {
    assert.not(this.free.includes(item), 'given back once');
    this.free.push(item);
  }
}

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

test('callers are served in order, those that leave excepted, and the first use first', async () => {
  const supply = new Numbers(2);
  const leases = new Leases(supply, ['first', 'second'], Infinity);
  const controller = new AbortController();
  const served: string[] = [];
  const call = async (name: string, use: 'first' | 'second', signal?: AbortSignal) => {
    const lease = await leases.take(use, anySignal(signal));
    served.push(lease ? name : `${name} left`);
    await nextTask();
    lease?.end();
    lease?.end();
  };
  const calls = [call('a', 'second'), call('b', 'second'), call('c', 'second')];
  calls.push(
    call('d', 'second', controller.signal),
    call('e', 'second'),
    call('f', 'first'),
    call('g', 'first'),
  );
  controller.abort();
  await Promise.all(calls);
  assert.equal(served, ['a', 'b', 'd left', 'f', 'g', 'c', 'e']);
  assert.is(supply.most, 2);
  assert.is(await leases.take('first', controller.signal), undefined);
});

test('what rests is taken when others need it, at once by who does not wait or if its signal has fired', async () => {
  const supply = new Numbers(1);
  const leases = new Leases(supply, ['first', 'second'], 30);
  const one = (await leases.take('first'))!;
  one.rest();
  assert.ok(one.resume(), 'nobody needed it');
  assert.is(leases.takeNow('first'), undefined);
  one.rest();
  const two = leases.takeNow('first')!;
  assert.not(one.resume());
  one.end();
  assert.is(supply.free.length, 0, 'it was no longer its to give back');
  two.rest();
  const three = (await leases.take('second'))!;
  assert.not(two.resume());
  three.end();

  const patient = new Leases(new Numbers(1), ['first'], Infinity);
  const controller = new AbortController();
  const four = (await patient.take('first', controller.signal))!;
  four.rest();
  controller.abort();
  assert.ok(await patient.take('first'));
  assert.not(four.resume());
});

test('random callers: never too many items, each its own, all served', async () => {
  const random = randomSource(8);
  for (let round = 0; round < 20; round++) {
    const supply = new Numbers(1 + random.below(3));
    const leases = new Leases(supply, ['first', 'second'], 0);
    const holders = new Map<number, Lease<number>>();
    let served = 0;
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const lease = (await leases.take(random.pick(['first', 'second'])))!;
        served++;
        const other = holders.get(lease.item);
        assert.ok(other === undefined || !other.resume(), 'an item has one holder');
        holders.set(lease.item, lease);
        for (let turn = random.below(4); turn > 0; turn--) await nextTask();
        if (random.below(3) === 0) lease.rest();
        else {
          holders.delete(lease.item);
          lease.end();
        }
      }),
    );
    assert.is(served, 40);
  }
});

test('close refuses who waits and who comes', async () => {
  const leases = new Leases(new SingleSupply(), ['turn'], Infinity);
  const held = (await leases.take('turn'))!;
  const waiting = [leases.take('turn'), leases.take('turn')];
  leases.close(new Gpt2Error('disposed', 'it is over'));
  for (const one of waiting) await thrown(() => one, 'disposed', 'over');
  await thrown(() => leases.take('turn'), 'disposed', 'over');
  await thrown(() => leases.takeNow('turn'), 'disposed', 'over');
  held.end();
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Newest } from '../../../src/playground/inside/newest.js';

test('of requests that come during work only the newest is done, one piece of work at a time', async () => {
  const newest = new Newest();
  const done: number[] = [];
  let release = () => {};
  const first = newest.request(async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    done.push(0);
  });
  const all = [1, 2, 3].map((n) => newest.request(async () => void done.push(n)));
  assert.equal(done, []);
  release();
  await Promise.all([first, ...all]);
  assert.equal(done, [0, 3]);
  await newest.request(async () => void done.push(4));
  assert.equal(done, [0, 3, 4], 'later work begins again');
});

test.run();

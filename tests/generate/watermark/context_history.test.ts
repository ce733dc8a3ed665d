import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContextHistory } from '../../../src/generate/watermark/context_history.js';
import { holds } from '../../support/property.js';

test('a history has the latest contexts, and its fork goes its own way', async () => {
  const contexts = fc.array(fc.array(fc.nat(2), { minLength: 2, maxLength: 2 }), { maxLength: 40 });
  const check = async ({ size, added }: { size: number; added: number[][] }) => {
    let history = new ContextHistory(size);
    for (const [i, context] of added.entries()) {
      const latest = added.slice(0, i).slice(size === 0 ? i : -size);
      assert.is(history.has(context), latest.map(String).includes(String(context)), `${i} of ${size}`);
      if (i % 5 === 0) {
        const before = history;
        history = history.fork();
        before.add([9, 9]);
      }
      history.add(context);
      assert.not.ok(history.has([9, 9]));
    }
  };
  await holds('histories of contexts', fc.record({ size: fc.nat(6), added: contexts }), check, 300);
});

test.run();

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGE } from '../../../assembly/abi.js';
import { Page, PageRoot } from '../../../src/core/kv/page.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';

const tokenLists = fc.array(fc.array(fc.nat(2), { minLength: 1, maxLength: 9 }), { maxLength: 12 });

test('the page that shares most tokens with a text is found, and one that begins with all of a page', async () => {
  await holds(
    'pages of a tree',
    fc.record({ pages: tokenLists, text: fc.array(fc.nat(2), { maxLength: 12 }), cut: fc.nat(9) }),
    async ({ pages, text, cut }) => {
      const root = new PageRoot(true);
      const made = pages.map((tokens, address) => {
        const page = new Page(address, root, undefined);
        page.push(tokens.slice(0, cut));
        page.push(tokens.slice(cut));
        return page;
      });
      const sharedWith = ({ tokens }: Page, start: number) => {
        let length = 0;
        while (
          length < tokens.length &&
          start + length < text.length &&
          tokens[length] === text[start + length]
        ) {
          length++;
        }
        return length;
      };
      for (let start = 0; start <= text.length; start++) {
        const most = Math.max(0, ...made.map((page) => sharedWith(page, start)));
        const best = root.children.best(text, start, text.length);
        assert.is(best?.length ?? 0, most);
        if (best) assert.is(sharedWith(best.page, start), most);
      }
      for (const page of made) {
        const all = made.filter(
          (other) => other !== page && page.tokens.every((id, i) => id === other.tokens[i]),
        );
        assert.is(page.substitute !== undefined, all.length > 0);
        if (page.substitute) assert.ok(all.includes(page.substitute));
      }
      for (const page of made) page.truncate(0);
      assert.ok(root.children.isEmpty);
    },
    300,
  );
});

test('a search among thousands of pages with the same first tokens reads few of them', () => {
  const root = new PageRoot(true);
  const random = randomSource(3);
  const rest = () => Array.from({ length: PAGE - 8 }, () => random.below(4));
  for (let address = 0; address < 5000; address++) {
    new Page(address, root, undefined).push([1, 1, 1, 1, 1, 1, 1, 1, ...rest()]);
  }
  let reads = 0;
  const text = new Proxy([1, 1, 1, 1, 1, 1, 1, 1, ...rest()], {
    get(target, key) {
      if (key !== 'length') reads++;
      return Reflect.get(target, key);
    },
  });
  assert.ok(root.children.best(text, 0, PAGE)!.length > 8);
  assert.ok(reads < 20 * 30, `${reads} tokens were read`);
});

test.run();

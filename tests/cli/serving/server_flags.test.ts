import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHost, parseLimit, parseOrigin } from '../../../src/cli/serving/server_flags.js';
import { thrown } from '../../support/thrown.js';

test('limits are gathered, and the last of one name holds', () => {
  const limits = ['requests=8', 'tokens=4096', 'requests=16'].reduce(
    (before: object, text) => parseLimit(text, before),
    {},
  );
  assert.equal(limits, { requests: 16, tokens: 4096 });
});

test('what is no limit is refused with the names of limits', async () => {
  for (const text of [
    '',
    'requests',
    'requests=',
    'requests=0',
    'requests=-1',
    'requests=1.5',
    'requests=1e3',
  ]) {
    await thrown(() => parseLimit(text), 'invalid-option', /^--limit is .* one of bodyBytes, prompts, /);
  }
  for (const text of ['other=1', 'toString=1', '=1', 'requests=2147483648', 'requests=1=2']) {
    await thrown(() => parseLimit(text), 'invalid-option', /from 1 to 2147483647$/);
  }
});

test('an origin is what browsers send', async () => {
  const origins = ['https://example.com', 'http://localhost:3000'];
  assert.equal(parseOrigin(origins[1]!, parseOrigin(origins[0]!)), origins);
  for (const text of ['', '*', 'null', 'example.com', 'https://example.com/', 'HTTP://a']) {
    await thrown(() => parseOrigin(text), 'invalid-option', /--origin is .* such as https:\/\/example\.com/);
  }
});

test('a name of the server has no port and no scheme', async () => {
  assert.equal(parseHost('models.example.com', parseHost('gpt2')), ['gpt2', 'models.example.com']);
  for (const text of ['', '*', 'https://example.com', 'example.com:80', 'Example.com', 'a b', 'a..b']) {
    await thrown(() => parseHost(text), 'invalid-option', /--allow-host is .* such as models\.example\.com/);
  }
});

test.run();

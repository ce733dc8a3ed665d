import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_ENDPOINT, fileUrl, parseHubId, repoUrl } from '../../../src/files/hub/hub_url.js';

test('ids of models and of files in them', () => {
  assert.equal(parseHubId('openai-community/gpt2'), { repo: 'openai-community/gpt2' });
  assert.equal(parseHubId('a/b'), { repo: 'a/b' });
  assert.equal(parseHubId('_x_/Y.9_-z'), { repo: '_x_/Y.9_-z' });
  assert.equal(parseHubId('owner/name:gpt2.Q8_0.gguf'), { repo: 'owner/name', file: 'gpt2.Q8_0.gguf' });
  assert.equal(parseHubId('owner/name:q8/gpt 2.gguf'), { repo: 'owner/name', file: 'q8/gpt 2.gguf' });
});

test('what is no id', () => {
  for (const text of [
    '',
    'gpt2',
    '/',
    'a/',
    '/b',
    './gpt2',
    '../gpt2',
    '~/gpt2',
    'a/b/c',
    'a//b',
    'a\\b',
    'C:\\models\\gpt2',
    'C:/gpt2',
    'https://huggingface.co/openai-community/gpt2',
    'file:///models/gpt2',
    'models/gpt2.gguf',
    'a/b.',
    '-a/b',
    'a/b--c',
    'a/b..c',
    'a/b c',
    'a/b?x',
    'a/b#x',
    'a/b%2f',
    'a/b\0',
    'a/b\n',
    `a/${'b'.repeat(97)}`,
    'a/b:',
    'a/b:../c.gguf',
    'a/b:/etc/c.gguf',
    'a/b:c:d.gguf',
    'a/b:..\\c.gguf',
    'a/b:c//d.gguf',
  ]) {
    assert.is(parseHubId(text), undefined, JSON.stringify(text));
  }
});

test('addresses', () => {
  assert.is(repoUrl(DEFAULT_ENDPOINT, 'a/b'), 'https://huggingface.co/a/b');
  assert.is(
    fileUrl('http://127.0.0.1:1/hub', 'a/b', 'refs/pr/1', 'sub dir/x&y.json'),
    'http://127.0.0.1:1/hub/a/b/resolve/refs%2Fpr%2F1/sub%20dir/x%26y.json',
  );
});

test.run();

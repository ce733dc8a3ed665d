import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseHeader, type SessionHeader } from '../../src/model/session_header.js';
import { SMALL_CONFIG } from '../support/small_model.js';

const { vocabSize, contextLength } = SMALL_CONFIG;
const HEADER: SessionHeader = {
  identity: {
    version: '1',
    build: 'simd',
    weights: 'q8',
    kvCache: 'f32',
    model: 'a0'.repeat(16),
    adapters: '',
  },
  tokens: [0, vocabSize - 1],
  text: { ids: [0, 1], rest: ' a\n', allowedSpecial: ['<|endoftext|>'], isAppended: true },
};
const read = (header: unknown) => parseHeader(JSON.stringify(header), SMALL_CONFIG);

test('what a session may have is read as it is', () => {
  const { text } = HEADER;
  const longest = Array(contextLength).fill(1);
  for (const right of [
    HEADER,
    { ...HEADER, tokens: longest, text: { ...text, ids: [...longest, 2] } },
    ...[undefined, 'none', 'all', []].map((allowedSpecial) => ({
      ...HEADER,
      text: { ...text, allowedSpecial },
    })),
  ]) {
    assert.equal(read(right), JSON.parse(JSON.stringify(right)));
  }
});

test('what no session has is refused, since whoever can write a file can give it the right hash', () => {
  const { identity, tokens, text } = HEADER;
  const notIds = [undefined, null, 3, 'a', {}, { length: 1 }, [vocabSize], [-1], [0.5], [null], ['1'], [[1]]];
  const wrong: unknown[] = [
    ...[undefined, null, 3, 'a', [], {}].flatMap((value) => [
      value,
      { ...HEADER, identity: value },
      { ...HEADER, text: value },
    ]),
    ...Object.keys(identity).flatMap((name) =>
      [undefined, null, 1, {}, 'a b', 'x'.repeat(65), '<b>'].map((value) => ({
        ...HEADER,
        identity: { ...identity, [name]: value },
      })),
    ),
    ...notIds.flatMap((ids) => [
      { ...HEADER, tokens: ids },
      { ...HEADER, text: { ...text, ids } },
    ]),
    { ...HEADER, tokens: Array(contextLength + 1).fill(tokens[0]) },
    ...[undefined, null, 3, []].map((rest) => ({ ...HEADER, text: { ...text, rest } })),
    ...[undefined, null, 0, 'true'].map((isAppended) => ({ ...HEADER, text: { ...text, isAppended } })),
    ...[null, 'some', 1, {}, [1]].map((allowedSpecial) => ({ ...HEADER, text: { ...text, allowedSpecial } })),
  ];
  for (const header of wrong) assert.is(read(header), undefined, JSON.stringify(header));
  assert.is(parseHeader('{"identity":', SMALL_CONFIG), undefined);
});

test.run();

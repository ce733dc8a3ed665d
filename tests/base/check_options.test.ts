import { test } from 'uvu';
import { checkSignal } from '../../src/base/check_options.js';
import { thrown } from '../support/thrown.js';

test('a signal is what can be listened to, and no more be listened to', async () => {
  const like = { aborted: false, addEventListener() {}, removeEventListener() {} };
  for (const signal of [undefined, new AbortController().signal, AbortSignal.abort(), like])
    checkSignal(signal);
  for (const name of Object.keys(like)) {
    await thrown(
      () => checkSignal({ ...like, [name]: undefined }),
      'invalid-option',
      'must be an AbortSignal',
    );
  }
});

test.run();

import { InvalidArgumentError } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asText, flagOption } from '../../../src/cli/options/flag.js';
import { checkOutFolder } from '../../../src/cli/training/out_folder.js';
import { thrown } from '../../support/thrown.js';

test('a flag for a path takes no empty one, which a variable that is not set gives', () => {
  for (const value of ['file', 'dir', 'path|id', 'dir[:number]', '[task=]path', 'path...']) {
    const { parseArg } = flagOption('out', { value, parse: asText, help: 'x' });
    const isRefused = (error: Error) =>
      error instanceof InvalidArgumentError && error.message.includes('empty');
    assert.throws(() => parseArg!('', undefined), isRefused, value);
    assert.is(parseArg!('a', undefined), 'a');
  }
  const { parseArg } = flagOption('system', { value: 'text', parse: asText, help: 'x' });
  assert.is(parseArg!('', undefined), '');
});

test('an empty folder for a result is not the current one', async () => {
  await thrown(() => checkOutFolder('', true), 'invalid-option', 'is empty');
});

test.run();

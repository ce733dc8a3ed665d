import { devNull } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { checkInput } from '../../../src/cli/batch/requests.js';
import { inFolder } from '../../support/in_folder.js';
import { thrown } from '../../support/thrown.js';

test('requests come from one file, which is read several times, and answers do not replace it', () =>
  inFolder({ 'in.jsonl': '' }, async (folder) => {
    const [input, out] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')];
    await checkInput(input, out);
    await thrown(() => checkInput(folder, out), 'invalid-option', /is a folder; give the path of a file/);
    await thrown(
      () => checkInput(devNull, out),
      'invalid-option',
      /is no file, but a pipe or a device; give/,
    );
    await thrown(() => checkInput(join(folder, 'none'), out), 'not-found');
    await thrown(() => checkInput(input, input), 'invalid-option', /has the requests; give another path/);
  }));

test.run();

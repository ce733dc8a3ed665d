import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const cwd = fileURLToPath(new URL('../..', import.meta.url));

test('models load, write and learn where no built-in object can be changed', () => {
  const script = `
    import { embeddedModel, loadModel } from './build/esm/index.js';
    import { Trainer } from './build/esm/train.js';
    import { createWorkerModel } from './build/esm/worker.js';
    const options = { maxTokens: 5, ignoreEos: true };
    for (const load of [loadModel, createWorkerModel]) {
      const model = await load(embeddedModel, { threads: 2 });
      console.log((await model.generate('Once', options)).tokens.length);
      model.dispose();
    }
    const trainer = await Trainer.create({
      model: 'tests/fixtures/stories-tiny', data: ['A cat sat.', 'A dog ran.'], steps: 1, batchSize: 1, contextLength: 8,
    });
    for await (const { step } of trainer) console.log(step);
    trainer.dispose();`;
  const node = ['--frozen-intrinsics', '--no-warnings', '--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { cwd, encoding: 'utf8' });
  assert.is(stderr, '');
  assert.is(stdout, '5\n5\n1\n');
  assert.is(status, 0);
});

test('the command line runs there too', () => {
  const node = ['--frozen-intrinsics', '--no-warnings', 'build/esm/cli.js', 'tokenize', 'Once'];
  const { stdout, status } = spawnSync(process.execPath, node, { cwd, encoding: 'utf8' });
  assert.match(stdout, /^\d+\n$/);
  assert.is(status, 0);
});

test.run();

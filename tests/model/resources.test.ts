import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, type TokenStream } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);

for (const [name, load] of [
  ['Model', () => loadModel(storiesTiny)],
  ['WorkerModel', () => createWorkerModel(storiesTiny, { worker: fakeWorker().worker })],
] as const) {
  test(`${name}: using and await using end models, sessions and streams`, async () => {
    const ended: { generate(prompt: string): Promise<unknown> }[] = [];
    const left: TokenStream[] = [];
    {
      using model = await load();
      {
        using session = model.session();
        await using other = model.session();
        await session.generate('One', { maxTokens: 1 });
        using stream = model.stream('One', { seed: 1 });
        await using waited = model.stream('One', { seed: 1 });
        await stream.next();
        await waited.next();
        ended.push(session, other);
        left.push(stream, waited);
      }
      for (const session of ended) await thrown(() => session.generate('One'), 'disposed');
      for (const stream of left) {
        const { finishReason, tokens } = await stream.completion;
        assert.equal([finishReason, tokens.length], ['aborted', 1]);
      }
      await model.generate('One', { maxTokens: 1 });
      ended.push(model);
    }
    {
      await using model = await load();
      ended.push(model);
    }
    for (const one of ended) await thrown(() => one.generate('One'), 'disposed');
  });

  test(`${name}: consoles show what it is`, async () => {
    const model = await load();
    const { config, runtime } = model;
    const shown = inspect(model, { depth: 5 });
    assert.ok(shown.startsWith(`${name} {`), shown);
    assert.match(shown, `contextLength: ${config.contextLength}`);
    assert.match(shown, `weights: 'f32'`);
    assert.match(shown, `memoryBytes: ${runtime.memoryBytes}`);
    assert.equal(JSON.parse(JSON.stringify(model)).runtime, runtime);
    assert.is(`${model}`, `${name} ${JSON.stringify({ config, runtime })}`);
    assert.is(Object.prototype.toString.call(model), `[object ${name}]`);

    const session = model.session();
    await session.generate('One', { maxTokens: 1 });
    assert.match(inspect(session), name === 'Model' ? /^Session \{ length: \d+ \}$/ : /^WorkerSession \{\}$/);
    session.dispose();
    model.dispose();
    assert.match(inspect(model), 'disposed: true');
    assert.match(`${model} ${session}`, '"disposed":true');
  });
}

test.run();

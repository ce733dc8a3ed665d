// An error must reject only the promise that the caller holds. Each operation fails at each of its reads in
// turn, with a caller that awaits late. No rejection may stay unhandled, because that ends a Node process.
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataFile } from '../../../src/files/data_file.js';
import type { ModelSource } from '../../../src/files/source.js';
import type { ModelTarget } from '../../../src/files/target.js';
import type { GgufFile } from '../../../src/index.js';
import { convertModel, Gpt2Error, inspectModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { readDocuments } from '../../../src/train/data/read_documents.js';
import { Trainer } from '../../../src/train/trainer.js';
import { createWorkerModel } from '../../../src/worker.js';
import { serveFiles } from '../../support/file_server.js';
import { memoryTarget } from '../../support/memory_target.js';
import { SMALL_CONFIG, shardedFiles } from '../../support/small_model.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const files = await shardedFiles();
const tokenizer = await loadTokenizer(storiesTiny);

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));
const fakeWorker = fakeWorkers(test);

/** Makes the n-th counted call fail: by an error of a read, or by aborting the caller's signal. */
class Failure {
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  calls = 0;
  readonly #at: number;
  readonly #kind: 'error' | 'abort';

  constructor(at: number, kind: 'error' | 'abort') {
    this.#at = at;
    this.#kind = kind;
  }

  get happened(): boolean {
    return this.calls >= this.#at;
  }

  async count(): Promise<void> {
    if (++this.calls !== this.#at) return;
    if (this.#kind === 'error') throw new Gpt2Error('network', 'the read failed');
    this.controller.abort();
    this.signal.throwIfAborted();
  }

  source(): ModelSource {
    const source = memorySource('shards', files);
    return {
      ...source,
      read: async (...args) => {
        await this.count();
        return source.read(...args);
      },
    };
  }

  /** Ignores the signal, so a write is complete before an abort is noticed. */
  target(): ModelTarget {
    const target = memoryTarget();
    return {
      ...target,
      write: async (...args) => {
        await this.count().catch((error) => this.#rethrow(error));
        await target.write(...args);
      },
      commit: () => this.count().catch((error) => this.#rethrow(error)),
    };
  }

  #rethrow(error: unknown): void {
    if (this.#kind === 'error') throw error;
  }

  data(): DataFile {
    const count = () => this.count();
    return {
      name: 'data.txt',
      format: 'text',
      byteLength: 10,
      async *read() {
        for (let part = 0; part < 3; part++) {
          await count();
          yield new TextEncoder().encode('Once upon a time there was a cat. '.repeat(20));
        }
      },
    };
  }
}

/** Lets the event loop run between pieces, as writing to a disk does. */
async function writeSlowly(file: GgufFile, signal: AbortSignal): Promise<void> {
  for await (const _ of file.bytes({ signal })) for (let i = 0; i < 3; i++) await turn();
}

const TRAINING = { batchSize: 1, contextLength: 16, steps: 2, threads: 1, checkpointEvery: 1 } as const;

async function train(trainer: Trainer): Promise<void> {
  try {
    for await (const _ of trainer) await turn();
  } finally {
    trainer.dispose();
  }
}

const OPERATIONS: Record<string, (failure: Failure) => Promise<unknown>> = {
  loadModel: async (failure) => (await loadModel(failure.source(), { signal: failure.signal })).dispose(),
  'loadModel on threads': async (failure) =>
    (await loadModel(failure.source(), { signal: failure.signal, threads: 2 })).dispose(),
  inspectModel: (failure) => inspectModel(failure.source(), { signal: failure.signal }),
  loadTokenizer: (failure) => loadTokenizer(failure.source(), { signal: failure.signal }),
  convertModel: async (failure) => {
    const { signal } = failure;
    await writeSlowly(await convertModel(failure.source(), { weights: 'q8', signal }), signal);
  },
  'Trainer of a model': async (failure) => {
    const { signal } = failure;
    const data = ['Once upon a time there was a cat.'];
    await train(await Trainer.create({ ...TRAINING, model: failure.source(), data, signal, validation: 0 }));
  },
  'Trainer on data files, with checkpoints': async (failure) => {
    const { signal } = failure;
    const checkpoints = {
      latest: async () => undefined,
      target: () => failure.target(),
      prune: async () => {},
    };
    const data = readDocuments([failure.data()], { signal });
    const model = { config: SMALL_CONFIG, tokenizer };
    const trainer = await Trainer.create({ ...TRAINING, ...model, data, checkpoints, signal });
    try {
      for await (const _ of trainer) await turn();
      await trainer.save(failure.target());
    } finally {
      trainer.dispose();
    }
  },
  'a model of a server': async (failure) => {
    const folder = new URL('../../fixtures/stories-tiny', import.meta.url).pathname;
    const server = await serveFiles(folder, {
      answer: (_, response) => {
        failure.count().catch(() => {});
        if (!failure.happened) return undefined;
        response.writeHead(403).end();
        return true;
      },
    });
    try {
      (await loadModel(`${server.url}/`, { signal: failure.signal })).dispose();
    } finally {
      await server.close();
    }
  },
  'a model in a worker': async (failure) => {
    const { worker } = fakeWorker();
    const { signal } = failure;
    const model = await createWorkerModel(storiesTiny, { worker, signal, onProgress: () => {} });
    try {
      const stream = model.stream('Once', { maxTokens: 3, signal });
      const session = model.session();
      await failure.count().catch(() => model.dispose());
      await stream.next();
      await failure.count().catch(() => session.dispose());
      session.dispose();
      model.dispose();
      await stream.next();
    } finally {
      model.dispose();
    }
  },
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  for (const kind of ['error', 'abort'] as const) {
    test(`${name}: ${kind} at each read in turn leaves no rejection unhandled`, async () => {
      let failures = 0;
      for (let at = 1; ; at++) {
        const failure = new Failure(at, kind);
        const error = await operation(failure).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        for (let i = 0; i < 5; i++) await turn();
        assert.equal(unhandled.splice(0), [], `read ${at}`);
        if (error !== undefined) {
          assert.instance(error, Gpt2Error, String((error as Error).stack));
          failures++;
        }
        if (!failure.happened) break;
      }
      assert.ok(failures > 0);
    });
  }
}

test.run();

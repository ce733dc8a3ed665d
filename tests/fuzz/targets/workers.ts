import { serveModel } from '../../../src/worker/server.js';
import { createWorkerModel } from '../../../src/worker.js';
import { smallFiles } from '../small.js';
import { jsonOf, type Target, text } from '../target.js';

type Message = Readonly<Record<string, unknown>> | null;

const LOAD = {
  ...{ id: 0, call: 'load' },
  args: [new Map(Object.entries(smallFiles)), { build: 'simd', threads: 1, lendsThreads: false }],
};

const CALLS = [
  ['score', [1, 0, 'A cat', {}]],
  ['embed', [2, 0, ['A', 'B'], { pooling: 'mean' }]],
  ['choose', [3, 0, 'A', [' cat', ' dog'], {}]],
  ['loglikelihood', [4, 0, 'A', ' cat', {}]],
  ['operate', [5, 0, 'examine', { text: 'A cat', options: {} }]],
  ['trace', [6, 0, [1, 2], { read: ['hook_embed'] }]],
  ['logits', [0, [1, 2], {}]],
  ['encode', ['A cat', {}]],
  ['decode', [[1, 2], {}]],
  ['tokenize', ['A cat', {}]],
  ['session', [1, 0]],
  ['append', [1, 'A cat', {}]],
  ['fork', [1, 2]],
  ['rewind', [1, 1]],
  ['tokens', [1]],
  ['save', [1]],
  ['stream', [1, { model: 0 }, 'A cat', { maxTokens: 2 }]],
  ['next', [1]],
  ['abort', [1]],
  ['endStream', [1]],
  ['endSession', [1]],
  ['cancel', [1]],
  ['stats', [0]],
  ['adapt', [1, [], {}]],
  ['endModel', [1]],
];

/** Lists of calls to the worker of a model: each gets one answer, and a valid one is answered at the end. */
export const WORKER_CALLS: Target = {
  ...{
    name: 'worker-calls',
    kind: 'json',
    words: ['id', 'call', 'args', 'load', 'vision', 'constructor', 'toString'],
  },
  seeds: () => [
    text(JSON.stringify(CALLS.map(([call, args], i) => ({ id: i + 1, call, args })))),
    ...CALLS.map(([call, args]) => text(JSON.stringify([{ id: 1, call, args }]))),
  ],
  async read(input) {
    const given = jsonOf(input);
    const messages = (Array.isArray(given) ? given.slice(0, 40) : [given]) as Message[];
    const answers = new Map<unknown, number>();
    let listener: (message: unknown) => unknown = () => {};
    serveModel({
      send(message) {
        const { id, ...rest } = message as { readonly id: unknown };
        if ('value' in rest || 'error' in rest) answers.set(id, (answers.get(id) ?? 0) + 1);
      },
      listen: (onMessage) => {
        listener = onMessage as typeof listener;
      },
      stop() {},
    });
    await listener(LOAD);
    await Promise.all(messages.map((message) => listener(message)));
    await listener({ id: 'last', call: 'encode', args: ['A', {}] });
    await listener({ id: 'end', call: 'endModel', args: [0] });
    if (answers.get('last') !== 1) throw new Error('the worker answers no more');
    for (const message of messages) {
      if (message !== null && typeof message === 'object' && !answers.has(message.id))
        throw new Error(`no answer to ${JSON.stringify(message)}`);
    }
  },
};

/** Answers of a worker to the calls of its owner, in the order of the calls; others are not answered. */
export const WORKER_ANSWERS: Target = {
  ...{
    name: 'worker-answers',
    kind: 'json',
    words: ['id', 'value', 'error', 'progress', 'download', 'thread', 'code'],
  },
  seeds: () =>
    [
      '[{"id":1,"value":{"vocabSize":5},"runtime":{}},{"id":2,"value":{"logprob":-1}}]',
      '[{"id":1,"progress":{"loaded":1}},{"id":1,"error":{"code":"invalid-file","message":"x"}}]',
      '[{"id":1,"value":{}},{"id":2,"error":{"message":"x"}},{"id":2,"value":1},{"id":9,"value":1},{"thread":{}}]',
    ].map(text),
  async read(input) {
    const given = jsonOf(input);
    const answers = Array.isArray(given) ? given : [given];
    const worker = {
      onmessage: (_: unknown) => {},
      on(event: string, listener: (data: unknown) => void) {
        if (event === 'message') worker.onmessage = listener;
      },
      ...{ postMessage() {}, terminate() {}, ref() {}, unref() {}, addEventListener() {} },
    };
    const loading = createWorkerModel('a/b', { worker: worker as never });
    const all = loading.then(async (model) => {
      const score = model.score('A').catch(mustBeAnError);
      await tell(1);
      model.dispose();
      await score;
    }, mustBeAnError);
    await new Promise((resolve) => setImmediate(resolve));
    await tell(0);
    if (await Promise.race([all.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]))
      return;

    /** Sends every answer, as a worker whose answers may come at any time does. */
    async function tell(first: number) {
      for (const answer of answers.slice(first)) {
        worker.onmessage({ data: answer });
        await Promise.resolve();
      }
    }
  },
};

function mustBeAnError(error: unknown): void {
  if (!(error instanceof Error)) throw new Error(`it throws ${String(error)}`);
}

import {
  compress,
  csvReport,
  decompress,
  detectWatermark,
  examine,
  htmlReport,
  readBold,
  readCrowsPairs,
  readMinimalPairs,
} from '../../../src/examine.js';
import { compileTemplate } from '../../../src/server/chat/template.js';
import { createHandler } from '../../../src/server.js';
import {
  deduplicateDocuments,
  findLeaks,
  lossCurveSvg,
  lossCurveText,
  readDocuments,
  splitDocuments,
  tokenizeDocuments,
} from '../../../src/train.js';
import { webVtt } from '../../../src/vision.js';
import { bytes, type GrowthCase, range } from './growth_case.js';
import { READ, small } from './small.js';

const documents = (format: 'text' | 'lines' | 'jsonl', text: string) => {
  const data = bytes(text);
  const file = {
    ...{ name: 'data', format, byteLength: data.length },
    async *read() {
      for (let at = 0; at < data.length; at += 64) yield data.slice(at, at + 64);
    },
  };
  return tokenizeDocuments(readDocuments([file]), small.tokenizer);
};

const DATA: readonly [title: string, format: 'text' | 'lines' | 'jsonl', text: (size: number) => string][] = [
  ['documents', 'text', (size) => 'A dog ran.<|endoftext|>'.repeat(size)],
  ['a long document', 'text', (size) => 'A dog ran. '.repeat(size)],
  ['a document without a space', 'text', (size) => 'dog'.repeat(size)],
  ['lines', 'lines', (size) => 'A dog ran.\n'.repeat(size)],
  ['JSON lines', 'jsonl', (size) => '{"text":"A dog ran."}\n'.repeat(size)],
  ['a long JSON line', 'jsonl', (size) => `{"text":"${'A dog ran. '.repeat(size)}"}\n`],
];

const TRAINED: GrowthCase[] = [
  ...DATA.map(([title, format, text]) => ({
    ...{ title: `readDocuments and tokenizeDocuments, ${title}`, size: 100 },
    prepare: (size: number) => () => documents(format, text(size)),
  })),
  {
    ...{ title: 'deduplicateDocuments, findLeaks and splitDocuments', size: 100 },
    async prepare(size) {
      const data = await documents('lines', range(size, (i) => `Dog ${i} ran to ${7 * i}.\n`).join(''));
      return async () => {
        await deduplicateDocuments(data);
        const { training, validation } = splitDocuments(data, 0.5, 1);
        await findLeaks(training, validation!);
      };
    },
  },
  {
    ...{ title: 'curves of losses', size: 1000 },
    prepare(size) {
      const points = range(size, (i) => ({ step: i + 1, loss: 1 / (i + 1) }));
      const curve = { training: points, validation: points };
      return () => [lossCurveSvg(curve), lossCurveText(curve, { columns: 80, rows: 20, colors: false })];
    },
  },
];

const EXAMINED: GrowthCase[] = [
  {
    ...{ title: 'htmlReport and csvReport', size: 20 },
    async prepare(size) {
      const examination = await examine(small, 'A dog ran. '.repeat(size));
      return () => [htmlReport(examination), csvReport(examination)];
    },
  },
  {
    ...{ title: 'compress and decompress', size: 10, quadratic: READ },
    prepare: (size) => async () => decompress(small, await compress(small, 'A dog ran. '.repeat(size))),
  },
  {
    ...{ title: 'detectWatermark', size: 50 },
    prepare: (size) => () => detectWatermark(small.tokenizer, 'A dog ran. '.repeat(size), { kind: 'kgw' }),
  },
  {
    ...{ title: 'files of bias tests', size: 200 },
    prepare(size) {
      const csv = `sent_more,sent_less,stereo_antistereo,bias_type\n${'"A, b",c,stereo,age\n'.repeat(size)}`;
      const lines = '{"sentence_good":"a b","sentence_bad":"b a"}\n'.repeat(size);
      const bold = JSON.stringify({ a: Object.fromEntries(range(size, (i) => [`b${i}`, ['A text']])) });
      return () => [readCrowsPairs(csv), readMinimalPairs(lines), readBold(bold)];
    },
  },
  {
    ...{ title: 'webVtt', size: 200 },
    prepare(size) {
      const cues = range(size, (i) => ({ start: i, end: i + 1, text: 'A <dog>  & a cat' }));
      return () => webVtt(cues);
    },
  },
];

const handler = createHandler({ models: { small } });
const asked = (path: string, body: (size: number) => object): GrowthCase['prepare'] => {
  return (size) => {
    const text = JSON.stringify({ model: 'small', max_tokens: 1, ...body(size) });
    return async () => {
      const request = new Request(`http://127.0.0.1${path}`, { method: 'POST', body: text });
      await (await handler.fetch(request)).text();
    };
  };
};

const SERVED: GrowthCase[] = [
  {
    ...{ title: 'a chat template with many messages', size: 50 },
    async prepare(size) {
      const render = await compileTemplate(
        "{% for m in messages %}{{ m['role'] + ': ' + m['content'] | trim + '\\n' }}{% endfor %}",
      );
      const messages = range(size, () => ({ role: 'user', content: ' Hi ' }));
      return () => render({ messages });
    },
  },
  {
    ...{ title: 'a request with a long prompt', size: 200 },
    prepare: asked('/v1/completions', (size) => ({ prompt: 'A dog ran. '.repeat(size) })),
  },
  {
    ...{ title: 'a request with prompts', size: 8 },
    prepare: asked('/v1/completions', (size) => ({ prompt: range(size, (i) => `Dog ${i}`) })),
  },
  {
    ...{ title: 'a request with a long text to tokenize', size: 200 },
    prepare: asked('/tokenize', (size) => ({ content: 'A dog ran. '.repeat(size), with_pieces: true })),
  },
  {
    ...{ title: 'a request with inputs to embed', size: 8 },
    prepare: asked('/v1/embeddings', (size) => ({ input: range(size, (i) => `Dog ${i}`) })),
  },
];

export const TEXTS: GrowthCase[] = [...TRAINED, ...EXAMINED, ...SERVED];

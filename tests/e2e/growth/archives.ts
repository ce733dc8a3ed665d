import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { Answers } from '../../../src/cli/batch/answers.js';
import { checkedCount, requestsOf } from '../../../src/cli/batch/requests.js';
import { openRepository } from '../../../src/files/hub/repository.js';
import { chosenFiles } from '../../../src/playground/model/given_files.js';
import { zipOf } from '../../../src/playground/model/zip.js';
import { bytes, type GrowthCase, range } from './growth_case.js';

const file = (name: string, content = 'a') => new File([content], name);

const CHOSEN: GrowthCase[] = [
  {
    ...{ title: 'chosenFiles, files', size: 100 },
    prepare(size) {
      const files = range(size, (i) => file(`${i}.txt`));
      return () => chosenFiles(files);
    },
  },
  {
    ...{ title: 'chosenFiles, files of an archive', size: 50 },
    prepare(size) {
      const content = zipSync(Object.fromEntries(range(size, (i) => [`folder/${i}.txt`, bytes('a')])));
      const archive = new File([content as Uint8Array<ArrayBuffer>], 'model.zip');
      return () => chosenFiles([archive]);
    },
  },
  {
    ...{ title: 'zipOf, files', size: 20 },
    prepare(size) {
      const files = range(size, (i) => file(`${i}.txt`));
      return () => zipOf('model', files);
    },
  },
];

const commit = 'a'.repeat(40);
const listing = (count: number) =>
  range(count, (i) => ({ type: 'file', path: `folder/${i}.txt`, size: 1, oid: commit }));

const HUB: GrowthCase[] = [
  {
    ...{ title: 'openRepository, files', size: 200 },
    prepare(size) {
      const files = JSON.stringify(listing(size));
      return async () => {
        const { fetch } = globalThis;
        globalThis.fetch = async (url) =>
          new Response(String(url).includes('/tree/') ? files : JSON.stringify({ sha: commit, id: 'a/b' }));
        try {
          const access = { endpoint: 'http://127.0.0.1', token: undefined, repo: 'a/b', revision: 'main' };
          await openRepository(access);
        } finally {
          globalThis.fetch = fetch;
        }
      };
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-growth-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const { signal } = new AbortController();
const request = (id: string, prompt: string) =>
  JSON.stringify({ custom_id: id, url: '/v1/completions', body: { prompt } });

const BATCHES: GrowthCase[] = (
  [
    ['requests', 50, (size) => range(size, (i) => `${request(`r${i}`, 'A cat')}\n`).join('')],
    ['a long request', 500, (size) => request('r', 'A cat sat. '.repeat(size))],
  ] as const satisfies readonly [string, number, (size: number) => string][]
).map(([title, size, text]) => ({
  ...{ title: `files of batches, ${title}`, size },
  prepare(size: number) {
    const [path, out] = ['jsonl', 'out'].map((ending) => join(folder, `${title} ${size}.${ending}`)) as [
      string,
      string,
    ];
    writeFileSync(path, text(size));
    return async () => {
      await checkedCount(path, signal);
      const answers = await Answers.open(out, {});
      for await (const { id } of requestsOf(path, signal)) {
        await answers.add(JSON.stringify({ id: `batch_req_${id}` }));
      }
      await answers.check(requestsOf(path, signal));
      await answers.close();
    };
  },
}));

export const ARCHIVES: GrowthCase[] = [...CHOSEN, ...HUB, ...BATCHES];

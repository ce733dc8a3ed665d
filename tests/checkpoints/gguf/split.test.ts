import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { wantedFiles } from '../../../src/checkpoints/registry.js';
import { withSource } from '../../../src/files/open_source.js';
import type { Source } from '../../../src/files/source_options.js';
import { REPO, withHub } from '../../files/hub/support.js';
import { serveFiles } from '../../support/file_server.js';
import { inFolder } from '../../support/in_folder.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { survivesDamage } from '../damage.js';
import { rejects } from '../support.js';
import { ggufSource, modelFile } from './models.js';
import { type Tensor, typed, writeGguf } from './writer.js';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

const WHOLE = modelFile('base');
const five = (number: number) => String(number).padStart(5, '0');
const nameOf = (number: number, count: number, stem = 'base') =>
  `${stem}-${five(number)}-of-${five(count)}.gguf`;

/** The model as gguf-split writes it: the first part has the metadata, and perhaps no tensors. */
function splitInto(parts: readonly (readonly Tensor[])[], numbers: Record<string, number> = {}): Files {
  const files = parts.map((tensors, i) => {
    const split: [string, Uint8Array][] = [
      ['split.no', typed('u16', i)],
      ['split.count', typed('u16', numbers.count ?? parts.length)],
      ['split.tensors.count', typed('i32', numbers.tensors ?? WHOLE.tensors.length)],
    ];
    const metadata = i === 0 ? [...WHOLE.metadata, ...split] : split;
    return [nameOf(i + 1, parts.length), new Uint8Array(writeGguf({ metadata, tensors }))] as const;
  });
  return Object.fromEntries(files);
}

const { tensors } = WHOLE;
const THREE = splitInto([[], tensors.slice(0, 9), tensors.slice(9)]);

/** The bytes of every weight, by name. */
async function weightsOf(source: Source): Promise<Record<string, string>> {
  const weights: Record<string, string> = {};
  await withSource(source, { wanted: wantedFiles('model') }, async (files) => {
    await loadWeights(await openCheckpoint(files), {
      takesBlocks: () => false,
      pack({ name }, _first, _count, bytes) {
        weights[name] = (weights[name] ?? '') + Buffer.from(bytes).toString('base64');
      },
    });
  });
  return weights;
}

const WANTED = await weightsOf(ggufSource(writeGguf(WHOLE)));

test('a split file opens from a folder, any of its parts, addresses, the hub and files at hand', async () => {
  const files = { ...THREE, 'README.md': new Uint8Array(4) };
  assert.equal(await weightsOf(files), WANTED);
  await inFolder(files, async (folder) => {
    assert.equal(await weightsOf(folder), WANTED);
    const server = await serveFiles(folder);
    try {
      for (const part of [1, 2]) {
        assert.equal(await weightsOf(join(folder, nameOf(part, 3))), WANTED);
        assert.equal(await weightsOf(`${server.url}/${nameOf(part, 3)}`), WANTED);
      }
    } finally {
      await server.close();
    }
  });
  await withHub({ [REPO]: { files } }, async () => {
    assert.equal(await weightsOf(REPO), WANTED);
    assert.equal(await weightsOf(`${REPO}:${nameOf(1, 3)}`), WANTED);
  });
});

test('wherever a file is cut, the weights are the same', async () => {
  await holds(
    'cuts',
    fc.uniqueArray(fc.nat(tensors.length), { minLength: 1, maxLength: 6 }),
    async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), tensors.length];
      const parts = ends.slice(1).map((end, i) => tensors.slice(ends[i], end));
      assert.equal(await weightsOf(splitInto(parts)), WANTED);
    },
    20,
  );
});

test('two models in one folder, each in parts, must be told apart', async () => {
  const other = Object.fromEntries(Object.entries(THREE).map(([name, file]) => [`other-${name}`, file]));
  await rejects(
    openCheckpoint(memorySource('both', { ...THREE, ...other })),
    'invalid-option',
    /base-00001-of-00003\.gguf, other-base-00001-of-00003\.gguf; give the path of one/,
  );
});

test('parts that do not belong together are refused', async () => {
  const open = (files: Files) => openCheckpoint(memorySource('memory', files));
  const part = (number: number) => THREE[nameOf(number, 3)]!;
  await rejects(
    open({ ...THREE, [nameOf(3, 3)]: part(2) }),
    'invalid-file',
    /another model beside it: base-00003-of-00003\.gguf is part 1, counted from 0/,
  );
  await rejects(
    open(splitInto([[], tensors], { count: 3 })),
    'invalid-file',
    /one of 3 parts .*another number/,
  );
  await rejects(open(splitInto([[], tensors.slice(1)])), 'invalid-file', /split\.tensors\.count is/);
  await rejects(
    open(splitInto([tensors, tensors.slice(0, 1)], { tensors: tensors.length + 1 })),
    'invalid-file',
    /twice/,
  );
  const many = writeGguf({ metadata: [['split.count', typed('u16', 65_535)]], tensors: [] });
  await rejects(
    open({ [nameOf(1, 65_535)]: new Uint8Array(many) }),
    'not-found',
    /base-00004-of-65535\.gguf, and 65531 more must be beside it/,
  );
});

test('damaged parts open or are refused', async () => {
  await survivesDamage('damaged parts', THREE, (source) => openCheckpoint(source), 100);
});

test.run();

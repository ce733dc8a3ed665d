import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelParameters, type Parameter } from '../../src/architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../src/base/errors.js';
import {
  type LoadProgress,
  loadInChunks,
  loadWeights,
  READ_CHUNK_BYTES,
} from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import type { WeightLoader } from '../../src/checkpoints/weight_loader.js';
import type { TensorType } from '../../src/dtypes/tensor_types.js';
import type { ModelSource } from '../../src/files/source.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { CHECKPOINTS, fixture, join, rejects, split } from './support.js';

const sourceOf = (name: string) => folderFixture(`fixtures/checkpoints/${name}`);

interface Packed {
  bytes: Uint8Array;
  dtype: TensorType;
  nextRow: number;
}

/** A loader that keeps its rows, and checks that each comes once, in order, and whole. */
class RecordingSink implements WeightLoader {
  readonly parameters = new Map<string, Packed>();
  largest = 0;
  mostRows = 0;

  takesBlocks(): boolean {
    return false;
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, dtype: TensorType): void {
    const rows = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
    const rowBytes = (parameter.shape.reduce((a, b) => a * b) / rows) * (dtype === 'F32' ? 4 : 2);
    let packed = this.parameters.get(parameter.name);
    if (packed === undefined) {
      packed = { bytes: new Uint8Array(rows * rowBytes), dtype, nextRow: 0 };
      this.parameters.set(parameter.name, packed);
    }
    assert.is(firstRow, packed.nextRow, parameter.name);
    assert.ok(rowCount >= 1 && firstRow + rowCount <= rows, parameter.name);
    assert.is(bytes.length, rowCount * rowBytes, parameter.name);
    if (parameter.kind === 'conv1d') assert.is(firstRow % 32, 0, parameter.name);
    assert.is(dtype, packed.dtype);
    packed.bytes.set(bytes, firstRow * rowBytes);
    packed.nextRow += rowCount;
    this.largest = Math.max(this.largest, bytes.length);
    this.mostRows = Math.max(this.mostRows, rowCount);
  }
}

/** The tensors of a fixture by their names in modelParameters, read without code of the package. */
function storedTensors(files: Record<string, Uint8Array>): Map<string, { bytes: Uint8Array; dtype: string }> {
  const tensors = new Map<string, { bytes: Uint8Array; dtype: string }>();
  for (const [path, file] of Object.entries(files)) {
    if (!path.endsWith('.safetensors')) continue;
    const { header, data } = split(file);
    for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
      tensors.set(name.replace('transformer.', ''), { bytes: data.slice(...data_offsets), dtype });
    }
  }
  return tensors;
}

for (const name of readdirSync(CHECKPOINTS)) {
  for (const chunkBytes of [1, 100, 3001, 65_536, READ_CHUNK_BYTES]) {
    test(`${name} in chunks of ${chunkBytes} bytes: every row of every parameter once, with the stored bytes`, async () => {
      const checkpoint = await openCheckpoint(sourceOf(name));
      const loader = new RecordingSink();
      await loadInChunks(checkpoint, loader, chunkBytes, {});
      const stored = storedTensors(fixture(name));
      const parameters = modelParameters(checkpoint.config);
      assert.equal(
        [...loader.parameters.keys()].sort(),
        parameters.map((parameter) => parameter.name).sort(),
      );
      for (const [parameter, packed] of loader.parameters) {
        const expected = stored.get(parameter)!;
        assert.is(packed.dtype, expected.dtype, parameter);
        assert.ok(Buffer.from(packed.bytes).equals(expected.bytes), parameter);
      }
      if (chunkBytes === 1) assert.is(loader.mostRows, 32, 'the rows that a conv1d needs together');
    });
  }
}

test('reads are in file order, adjacent, and no longer than a chunk or a row group', async () => {
  const checkpoint = await openCheckpoint(sourceOf('bf16-sharded'));
  const reads: { path: string; start: number; end: number }[] = [];
  const source: ModelSource = {
    ...checkpoint.source,
    read: (path, start, end) => {
      reads.push({ path, start, end });
      return checkpoint.source.read(path, start, end);
    },
  };
  const chunkBytes = 20_000;
  await loadInChunks({ ...checkpoint, source }, new RecordingSink(), chunkBytes, {});
  for (const [i, { path, start, end }] of reads.entries()) {
    assert.ok(end - start <= chunkBytes, `${end - start}`);
    const before = reads[i - 1];
    if (before?.path === path) assert.is(start, before.end);
    else if (before !== undefined) assert.ok(before.path < path);
  }
  // chunks are filled up across tensors: all but a few hold nearly as much as they can (32 rows are at most
  // 8,192 bytes)
  const full = reads.filter(({ start, end }) => end - start > chunkBytes - 8192);
  assert.ok(full.length >= reads.length - 3, `${full.length} of ${reads.length}`);
});

test('small tensors share one read', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  let reads = 0;
  const source: ModelSource = {
    ...checkpoint.source,
    read: (path, start, end) => {
      reads++;
      return checkpoint.source.read(path, start, end);
    },
  };
  await loadWeights({ ...checkpoint, source }, new RecordingSink());
  assert.is(reads, 1);
});

test('at most two chunks are in memory, and they are the same two throughout', async () => {
  const checkpoint = await openCheckpoint(sourceOf('odd-sizes'));
  const buffers = new Set<ArrayBuffer>();
  let pending = 0;
  const source: ModelSource = {
    ...checkpoint.source,
    async read(path, start, end, signal, into) {
      assert.is(++pending, 1);
      const bytes = await checkpoint.source.read(path, start, end, signal);
      await new Promise((resolve) => setTimeout(resolve));
      pending--;
      buffers.add(into!.buffer);
      into!.set(bytes);
      return into!.subarray(0, bytes.length);
    },
  };
  const loader = new RecordingSink();
  await loadInChunks({ ...checkpoint, source }, loader, 20_000, {});
  assert.is(buffers.size, 2);
  for (const buffer of buffers) assert.ok(buffer.byteLength <= 20_000);
  const stored = storedTensors(fixture('odd-sizes'));
  for (const [parameter, { bytes }] of loader.parameters)
    assert.ok(Buffer.from(bytes).equals(stored.get(parameter)!.bytes), parameter);
});

test('tensors in another order than the core wants them, and mixed dtypes', async () => {
  const files = fixture('base');
  const { header, data } = split(files['model.safetensors']!);
  const names = Object.keys(header).reverse();
  const parts: Uint8Array[] = [];
  let at = 0;
  const reordered = Object.fromEntries(
    names.map((name) => {
      const entry = header[name]!;
      let bytes = data.slice(...entry.data_offsets);
      let dtype = entry.dtype;
      // Every other matrix as BF16: the upper halves of its numbers. An odd tensor before it shifts the
      // alignment.
      if (name.includes('c_fc')) {
        bytes = bytes.filter((_, i) => i % 4 >= 2);
        dtype = 'BF16';
      }
      parts.push(bytes);
      at += bytes.length;
      return [name, { dtype, shape: entry.shape, data_offsets: [at - bytes.length, at] as [number, number] }];
    }),
  );
  files['model.safetensors'] = join(reordered, Buffer.concat(parts));
  const loader = new RecordingSink();
  await loadInChunks(await openCheckpoint(memorySource('mem', files)), loader, 777, {});
  const stored = storedTensors(files);
  assert.is(loader.parameters.size, 40);
  for (const [parameter, { bytes, dtype }] of loader.parameters) {
    assert.is(dtype, parameter.includes('c_fc') ? 'BF16' : 'F32');
    assert.ok(Buffer.from(bytes).equals(stored.get(parameter)!.bytes), parameter);
  }
});

test('a tensor between two weights that is none itself is not read', async () => {
  const files = fixture('base');
  const { header, data } = split(files['model.safetensors']!);
  const at = header['wte.weight']!.data_offsets[1];
  for (const entry of Object.values(header)) {
    const [start, end] = entry.data_offsets;
    if (start >= at) entry.data_offsets = [start + 3, end + 3];
  }
  files['model.safetensors'] = join(
    { ...header, 'h.0.attn.bias': { dtype: 'U8', shape: [3, 1], data_offsets: [at, at + 3] } },
    Buffer.concat([data.slice(0, at), new Uint8Array(3), data.slice(at)]),
  );
  const loader = new RecordingSink();
  await loadWeights(await openCheckpoint(memorySource('mem', files)), loader);
  const stored = storedTensors(files);
  for (const [parameter, { bytes }] of loader.parameters)
    assert.ok(Buffer.from(bytes).equals(stored.get(parameter)!.bytes), parameter);
});

test('a shard that starts where the shard before ends', async () => {
  const files = fixture('bf16-sharded');
  const [first, second] = ['model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors'];
  const { header, data } = split(files[second]!);
  const text = JSON.stringify(header);
  // spaces in the header move the second shard's first weight to the byte after the first shard's last
  files[second] = join(text.padEnd(files[first]!.length - 8), data);
  const loader = new RecordingSink();
  await loadWeights(await openCheckpoint(memorySource('mem', files)), loader);
  const stored = storedTensors(files);
  for (const [parameter, { bytes }] of loader.parameters)
    assert.ok(Buffer.from(bytes).equals(stored.get(parameter)!.bytes), parameter);
});

test('progress rises to the total over all files', async () => {
  const checkpoint = await openCheckpoint(sourceOf('bf16-sharded'));
  const steps: LoadProgress[] = [];
  await loadInChunks(checkpoint, new RecordingSink(), 5000, { onProgress: (step) => steps.push(step) });
  let loaded = 0;
  for (const step of steps) {
    assert.ok(step.loaded > loaded);
    assert.is(step.total, 86656); // metadata.total_size in the fixture's index
    loaded = step.loaded;
  }
  assert.is(loaded, 86656);
  assert.equal(
    [...new Set(steps.map((step) => step.file))],
    [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`),
  );
});

test('an aborted signal ends loading before the first read', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  let reads = 0;
  const source: ModelSource = {
    ...checkpoint.source,
    read: async () => {
      reads++;
      return new Uint8Array();
    },
  };
  const loading = loadWeights({ ...checkpoint, source }, new RecordingSink(), {
    signal: AbortSignal.abort(),
  });
  await rejects(loading, 'aborted', /model\.safetensors/);
  assert.is(reads, 0);
});

test('an aborted signal ends loading between reads', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const controller = new AbortController();
  const steps: LoadProgress[] = [];
  const loading = loadInChunks(checkpoint, new RecordingSink(), 5000, {
    signal: controller.signal,
    onProgress: (step) => {
      steps.push(step);
      if (steps.length === 2) controller.abort();
    },
  });
  await rejects(loading, 'aborted');
  assert.is(steps.length, 2);
});

test('a source that rejects with the reason of the signal ends in aborted', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const controller = new AbortController();
  const source: ModelSource = {
    ...checkpoint.source,
    async read(_path, _start, _end, signal) {
      controller.abort();
      throw signal!.reason;
    },
  };
  await rejects(
    loadWeights({ ...checkpoint, source }, new RecordingSink(), { signal: controller.signal }),
    'aborted',
  );
});

/** A source with slow reads that counts the pending ones. */
function slow(source: ModelSource): ModelSource & { pending: number } {
  return {
    name: source.name,
    pending: 0,
    list: source.list,
    async read(path, start, end) {
      this.pending++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.pending--;
      return source.read(path, start, end);
    },
  };
}

test('nothing is under way once loading has failed', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const source = slow(checkpoint.source);
  const broken: WeightLoader = {
    takesBlocks: () => false,
    pack() {
      assert.is(source.pending, 1); // the next chunk
      throw new Gpt2Error('out-of-memory', 'no place');
    },
  };
  await rejects(loadInChunks({ ...checkpoint, source }, broken, 5000, {}), 'out-of-memory', /no place/);
  assert.is(source.pending, 0);
});

test('an error of the caller in onProgress ends loading', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const source = slow(checkpoint.source);
  const own = new Error('own');
  const error = await loadInChunks({ ...checkpoint, source }, new RecordingSink(), 5000, {
    onProgress: () => {
      throw own;
    },
  }).catch((thrown) => thrown);
  assert.is(error, own);
  assert.is(source.pending, 0);
});

test('a file that became shorter after it was opened', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const files = fixture('base');
  const whole = files['model.safetensors']!;
  const source = memorySource('shrunk', {
    ...files,
    'model.safetensors': whole.subarray(0, whole.length - 2),
  });
  await rejects(
    loadInChunks({ ...checkpoint, source }, new RecordingSink(), 5000, {}),
    'invalid-file',
    /model\.safetensors of shrunk gave \d+ bytes/,
    new RegExp(`to ${whole.length} `),
  );
});

test('a source that gives more than it was asked for', async () => {
  const checkpoint = await openCheckpoint(sourceOf('base'));
  const source: ModelSource = {
    ...checkpoint.source,
    read: async () => fixture('base')['model.safetensors']!,
  };
  await rejects(
    loadInChunks({ ...checkpoint, source }, new RecordingSink(), 5000, {}),
    'invalid-file',
    /gave 176904 bytes/,
  );
});

test.run();

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadCaptioner } from '../../../src/vision.js';
import { captionerFolder, idTokenizer } from '../../support/captioners.js';
import { type Order, StorageWriter } from '../../support/torch_models.js';
import { zipFile } from '../../support/torch_writer.js';
import { split } from '../support.js';

test('a captioner that has pytorch_model.bin alone captions as it does from safetensors', async () => {
  const folder = captionerFolder('vit-gpt2');
  const read = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`));
  const { header, data } = split(read('model.safetensors'));
  const orders: readonly Order[] = ['rows', 'columns', 'wide'];
  const writer = new StorageWriter('t');
  const tensors = Object.entries(header).map(
    (
      [
        name,
        {
          shape,
          data_offsets: [start, end],
        },
      ],
      i,
    ) => {
      const values = [...new Float32Array(data.slice(start, end).buffer)];
      return [name, writer.tensor({ shape, values }, orders[i % 3])] as const;
    },
  );
  const files = {
    'config.json': read('config.json'),
    'generation_config.json': read('generation_config.json'),
    'preprocessor_config.json': read('preprocessor_config.json'),
    'pytorch_model.bin': zipFile(new Map(tensors)),
  };
  const options = { build: 'simd', threads: 1, tokenizer: idTokenizer } as const;
  const [from, safe] = await Promise.all([loadCaptioner(files, options), loadCaptioner(folder, options)]);
  const side = 32;
  const pixels = Float32Array.from({ length: 3 * side * side }, (_, i) => ((i * 7) % 13) / 13 - 0.5);
  assert.equal(await from.logits(pixels, [1, 2]), await safe.logits(pixels, [1, 2]));
  assert.equal(await from.encode(pixels), await safe.encode(pixels));
  from.dispose();
  safe.dispose();
});

test.run();

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { Gpt2Error, loadModel } from '../../../src/index.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { memorySource } from '../../support/sources.js';
import { survivesDamage } from '../damage.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/pytorch/', import.meta.url));

function filesOf(name: string): Record<string, Uint8Array> {
  const names = readdirSync(FIXTURES + name).filter((file) => file !== 'expected.json');
  return Object.fromEntries(names.map((file) => [file, readFileSync(`${FIXTURES}${name}/${file}`)]));
}

const MODELS = readdirSync(FIXTURES).filter((name) => name !== 'hostile' && name !== 'NOTICE.txt');

for (const name of MODELS) {
  test(`PyTorch's logits and greedy tokens of ${name}`, async () => {
    const { input_ids: ids, logits, greedy, shape } = decodeExpected(`${FIXTURES}${name}/expected.json`);
    const model = await loadModel(`${FIXTURES}${name}`, { build: 'simd', threads: 1 });
    const ours = await model.logits(ids);
    assert.is(ours.length, shape[0] * shape[1]);
    for (const [i, value] of logits.entries()) assert.ok(Math.abs(ours[i]! - value) < 2e-5, `logit ${i}`);
    const settings = { maxTokens: greedy.length, temperature: 0, ignoreEos: true };
    const { tokens } = await model.generate(ids, settings);
    assert.equal([...tokens], greedy);
    model.dispose();
  });
}

const CONFIG = readFileSync(`${FIXTURES}zip-f32/config.json`);
const HOSTILE = JSON.parse(readFileSync(`${FIXTURES}hostile/expected.json`, 'utf8')).files as {
  file: string;
  why: string;
}[];

for (const { file, why } of HOSTILE) {
  test(`a hostile file is refused: ${file}, ${why}`, async () => {
    const bytes = readFileSync(`${FIXTURES}hostile/${file}`);
    for (const name of ['pytorch_model.bin', 'ckpt.pt', 'a.pt']) {
      let read = 0;
      const memory = memorySource('memory', { 'config.json': CONFIG, [name]: bytes });
      const source: typeof memory = {
        ...memory,
        read: (path, start, end) => {
          read += end - start;
          return memory.read(path, start, end);
        },
      };
      const error = await openCheckpoint(source).catch((error) => error);
      assert.instance(error, Gpt2Error, `${name}: ${error}`);
      assert.ok(read <= 3 * bytes.length + 2048, `${read} bytes were read`);
    }
  });
}

test('a name that attacks use is named in the message', async () => {
  const bytes = readFileSync(`${FIXTURES}hostile/os-system-zip.bin`);
  const source = memorySource('memory', { 'config.json': CONFIG, 'pytorch_model.bin': bytes });
  const error = await openCheckpoint(source).catch((error) => error);
  assert.match(error.message, /system is named, which can run code/);
});

for (const name of ['checkpoint-zip', 'legacy-float16', 'sharded-f32', 'views-zip', 'nanogpt-char-padded']) {
  await survivesDamage(`damaged files of ${name} open or are refused`, filesOf(name), openCheckpoint, 40);
}

test.run();

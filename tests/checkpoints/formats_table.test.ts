import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import '../../src/dtypes/rare_blocks.js';
import { ALL_FORMATS } from '../../src/checkpoints/all_formats.js';
import { ADAPTER_FILES } from '../../src/checkpoints/peft/file_names.js';
import { BLOCK_SIZES } from '../../src/dtypes/tensor_types.js';
import { TOKENIZER_MODELS } from '../../src/tokenizer/models.js';

const DOCUMENT = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
const section = (title: string) => DOCUMENT.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!;
const OPENS = section('What opens');
const CLOSED = section('What does not open');

test('docs/formats.md names every file by which a model is found, and every type of GGUF', () => {
  const files = ALL_FORMATS.flatMap(({ weights, extensions, beside }) => [
    ...weights,
    ...extensions,
    ...beside,
  ]);
  for (const file of [...files, ...ADAPTER_FILES, ...TOKENIZER_MODELS.flatMap((model) => model.files)]) {
    if (file !== 'generation_config.json') assert.ok(OPENS.includes(`\`${file}\``), file);
  }
  for (const type of Object.keys(BLOCK_SIZES)) assert.match(OPENS, new RegExp(`\\b${type}\\b`));
});

test('what it says does not open is not among the files that do', () => {
  const names = Array.from(CLOSED.matchAll(/^\|[^|]*\|/gm), ([row]) => [
    ...row!.matchAll(/`([^`]+)`/g),
  ]).flat();
  assert.ok(names.length > 5);
  for (const [, name] of names) {
    const format = ALL_FORMATS.find(
      ({ weights, extensions }) => weights.includes(name!) || extensions.some((end) => name!.endsWith(end)),
    );
    assert.is(format, undefined, name);
  }
});

test.run();

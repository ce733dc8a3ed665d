import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Trainer } from '../../src/train/trainer.js';
import { thrown } from '../support/thrown.js';
import { OPTIONS, run, STORIES, tokenizer } from './tiny.js';

const folder = mkdtempSync(join(tmpdir(), 'document-borders-'));
test.after(() => rmSync(folder, { recursive: true }));

/** Documents of 8 tokens: with the token after them, two fill a packed row of 18. */
const EIGHTS = (() => {
  const ids = STORIES.flatMap((story) => Array.from(tokenizer.encode(story)));
  const starts = Int32Array.from({ length: 12 }, (_, i) => 8 * i);
  return { tokens: Int32Array.from(ids), starts, ends: starts.map((start) => start + 8), learned: starts };
})();

test('documents have the losses that they have alone in a row', async () => {
  const options = { ...OPTIONS, data: EIGHTS, contextLength: 18, validation: 0.999, steps: 1 };
  const lossWith = async (changed: object) => {
    const trainer = await Trainer.create({ ...options, ...changed });
    assert.is(trainer.data.validation.documents, 11);
    const loss = (await trainer.evaluate())!;
    trainer.dispose();
    return loss;
  };
  const alone = await lossWith({ layout: 'documents' });
  const cut = await lossWith({ documentBorders: true });
  assert.ok(Math.abs(cut - alone) < 1e-12 * alone, `${cut} ${alone}`);
  assert.ok(Math.abs((await lossWith({})) - alone) > 1e-3);
});

test('a run with document borders is resumed to the bit, and by such a run alone', async () => {
  const checkpoints = join(folder, 'run');
  const options = { ...OPTIONS, documentBorders: true };
  const facts = async (trainer: Trainer) =>
    (await run(trainer)).map(({ step, loss, gradNorm, validationLoss }) => [
      step,
      loss,
      gradNorm,
      validationLoss,
    ]);
  const whole = await Trainer.create(options);
  const want = await facts(whole);
  whole.dispose();
  const first = await Trainer.create({ ...options, checkpoints });
  await run(first, 7);
  await first.saveState();
  first.dispose();
  await thrown(
    () => Trainer.create({ ...OPTIONS, checkpoints, resume: true }),
    'invalid-option',
    'a run with documentBorders true; resume it with the same',
  );
  const second = await Trainer.create({ ...options, checkpoints, resume: true });
  assert.equal(await facts(second), want.slice(7));
  second.dispose();
  const plain = await Trainer.create({ ...OPTIONS, documentBorders: false });
  assert.not.equal(await facts(plain), want);
  plain.dispose();
});

test('document borders of other rows, and what is no boolean, are refused', async () => {
  for (const [wrong, words] of [
    [
      { documentBorders: true, layout: 'documents' },
      "documentBorders is for the layout 'packed'; with 'documents'",
    ],
    [{ documentBorders: 1 as never }, 'documentBorders is 1; it must be true or false'],
  ] as const) {
    await thrown(() => Trainer.create({ ...OPTIONS, ...wrong }), 'invalid-option', words);
  }
});

test.run();

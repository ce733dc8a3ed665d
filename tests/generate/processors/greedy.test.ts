import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { disposeLmModels, LM, lmModel } from '../../support/lm_model.js';
import { endsOf, type GoldenCall, optionsOf } from '../../support/transformers_options.js';

const { cases }: { cases: readonly GoldenCall[] } = JSON.parse(
  readFileSync(new URL('greedy.json', LM), 'utf8'),
);
test.after(disposeLmModels);

test('greedy generation gives the tokens of transformers, alone and with each processor', async () => {
  assert.is(cases.length, 37);
  for (const golden of cases) {
    const model = await lmModel(endsOf(golden));
    const { tokens } = await model.generate(golden.prompt, { ...optionsOf(golden), temperature: 0 });
    assert.equal([tokens], golden.sequences, `${golden.name} after ${golden.prompt}`);
  }
});

test.run();

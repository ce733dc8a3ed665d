import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, type GenerateOptions, loadModel, type Model } from '../../src/index.js';
import { insideModel } from '../support/inside_model.js';
import { holds } from '../support/property.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(insideModel, { build: 'simd' });

/** The model whose head 2 of layer 1 has no rows in the projection of attention. */
async function withoutHead(): Promise<Model> {
  const file = Uint8Array.from(readFileSync(new URL('model.safetensors', insideModel)));
  const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  const [from] = header['transformer.h.1.attn.c_proj.weight'].data_offsets;
  file.fill(0, start + from + 4 * 32 * 16, start + from + 4 * 32 * 24);
  const config = new Uint8Array(readFileSync(new URL('config.json', insideModel)));
  return loadModel({ 'config.json': config, 'model.safetensors': file }, { build: 'simd' });
}

const headless = await withoutHead();
test.after(() => {
  model.dispose();
  headless.dispose();
});

const IDS = [95, 60, 87, 13, 45, 79, 65, 85, 46, 53];
const ABLATION: readonly Edit[] = [{ hook: 'blocks.1.attn.hook_z', heads: [2], op: 'zero' }];
const SAMPLING = { maxTokens: 12, seed: 5, ignoreEos: true, logprobs: 2 } as const;

test('a head that is ablated is a head without weights, in every way to generate', async () => {
  const ways: GenerateOptions[] = [
    { ...SAMPLING },
    { ...SAMPLING, temperature: 0 },
    { ...SAMPLING, n: 3 },
    { ...SAMPLING, temperature: 0, speculate: 'prompt' },
    { maxTokens: 9, ignoreEos: true, logprobs: 1, beams: 3, returned: 3 },
    { maxTokens: 9, ignoreEos: true, logprobs: 1, penaltyAlpha: 0.6, topK: 4 },
    { ...SAMPLING, bannedTokens: [3], repetitionPenalty: 1.2 },
    { ...SAMPLING, inputs: { positions: 3 } },
  ];
  for (const options of ways) {
    const { timings: _, ...wanted } = await headless.generate(IDS, options);
    const { timings, ...got } = await model.generate(IDS, { ...options, edit: ABLATION });
    // Nothing of an edited text is in a cache. How much is guessed depends on speed.
    assert.is(got.usage.cachedPromptTokens, 0);
    assert.equal({ ...got, usage: 0 }, { ...wanted, usage: 0 }, JSON.stringify(options));
  }
});

test('a head that is ablated is a head without weights in scores, logits, embeddings and traces', async () => {
  const edit = ABLATION;
  assert.equal(await model.logits(IDS, { edit }), await headless.logits(IDS));
  assert.equal(await model.logits(IDS, { edit, from: 4 }), await headless.logits(IDS, { from: 4 }));
  const embed = { pooling: 'none' } as const;
  assert.equal(await model.embed(IDS, { edit, ...embed }), await headless.embed(IDS, embed));
  assert.equal(await model.embed([IDS, [1, 2]], { edit }), await headless.embed([IDS, [1, 2]]));
  assert.equal(await model.score(IDS, { edit, top: 2 }), await headless.score(IDS, { top: 2 }));
  assert.equal(await model.score(IDS, { edit, start: false }), await headless.score(IDS, { start: false }));
  const after = [4, 8, 15];
  assert.equal(await model.loglikelihood(IDS, after, { edit }), await headless.loglikelihood(IDS, after));
  const choices = [[4], [8, 15], after];
  assert.equal(await model.choose(IDS, choices, { edit }), await headless.choose(IDS, choices));
  const read = ['blocks.2.attn.hook_pattern', 'blocks.2.hook_resid_post'];
  assert.equal(await model.trace(IDS, { edit, read }), await headless.trace(IDS, { read }));
});

const EDITS: readonly Edit[] = [
  { hook: 'blocks.0.hook_resid_post', positions: 'prompt', op: 'scale', value: 1.5 },
  { hook: 'blocks.1.hook_mlp_out', positions: 'generated', op: 'zero' },
  { hook: 'blocks.*.attn.hook_pattern', heads: [1], positions: [-1, 2], op: 'scale', value: 0.5 },
  { hook: 'blocks.2.ln1.hook_normalized', op: 'scale', value: 0.9 },
];

test('positions of edits go on with the text that is generated', async () => {
  const { tokens } = await model.generate(IDS, { ...SAMPLING, temperature: 0, edit: EDITS });
  const last = IDS.length - 1;
  for (const [i, id] of tokens.entries()) {
    const ids = [...IDS, ...tokens.slice(0, i)];
    const all = [...ids.keys()];
    const places = [[...IDS.keys()], all.slice(IDS.length), [last, 2], all];
    const edit = EDITS.map((each, j): Edit => ({ ...each, positions: places[j] }));
    // An empty list is no choice of positions.
    const { logits } = await model.trace(ids, {
      edit: edit.filter(({ positions }) => positions!.length !== 0),
    });
    assert.is(logits!.data.indexOf(Math.max(...logits!.data)), id, `token ${i}`);
  }
});

test('positions of edits are those of the prompt, and of each choice after it', async () => {
  const choices = [[4, 1], [8, 15, 16, 23], [4]];
  const { logprobs } = await model.choose(IDS, choices, { edit: EDITS });
  for (const [i, after] of choices.entries()) {
    const count = IDS.length + after.length - 1;
    const all = [...Array(count).keys()];
    const places = [[...IDS.keys()], all.slice(IDS.length), [IDS.length - 1, 2], all];
    const edit = EDITS.map((each, j): Edit => ({ ...each, positions: places[j] })).filter(
      ({ positions }) => positions!.length !== 0,
    );
    // The last token of a choice is read by no result.
    const rows = await model.logits([...IDS, ...after.slice(0, -1)], { edit, from: IDS.length - 1 });
    const { vocabSize } = model.config;
    const wanted = after.reduce((sum, id, row) => {
      const own = Array.from(rows.subarray(row * vocabSize, (row + 1) * vocabSize));
      return sum + own[id]! - Math.log(own.reduce((total, logit) => total + Math.exp(logit), 0));
    }, 0);
    assert.ok(Math.abs(logprobs[i]! - wanted) < 1e-5, `${i}: ${logprobs[i]}, ${wanted}`);
  }
});

test('edits in a crowd change only their own text, whatever was evaluated before', async () => {
  const texts = fc.array(fc.nat(96), { minLength: 1, maxLength: 20 });
  const calls = fc.array(fc.record({ rest: texts, kind: fc.nat(4), shared: fc.nat(8) }), {
    minLength: 2,
    maxLength: 8,
  });
  const call = async (
    at: Model,
    { rest, kind, shared }: { rest: number[]; kind: number; shared: number },
  ) => {
    const ids = [...IDS.slice(0, shared), ...rest];
    if (kind === 0) return at.logits(ids);
    if (kind === 1) return at.trace(ids, { edit: ABLATION, read: ['blocks.*.hook_resid_post'] });
    const options = { ...SAMPLING, maxTokens: 6 };
    const edit = kind === 2 ? EDITS.slice(0, 2) : kind === 3 ? ABLATION : undefined;
    const { choices } = await at.generate(ids, edit === undefined ? options : { ...options, edit });
    return choices;
  };
  await holds(
    'edits in a crowd',
    calls,
    async (all) => {
      const together = await Promise.all(all.map((each) => call(model, each)));
      const fresh = await loadModel(insideModel, { build: 'simd' });
      const alone = [];
      for (const each of [...all].reverse()) alone.unshift(await call(fresh, each));
      fresh.dispose();
      assert.equal(together, alone);
    },
    10,
  );
});

test('edits are refused where they have no meaning', async () => {
  const refuse = (options: GenerateOptions, ...words: RegExp[]) =>
    thrown(() => model.generate(IDS, options), 'invalid-option', ...words);
  const edit = ABLATION;
  await refuse({ edit, contextFull: 'shift' }, /contextFull is "shift"; it must be .* with edit/);
  await refuse({ edit, guidance: 2 }, /edit .* leave guidance out/);
  await refuse({ edit, guidance: { debias: ['a'] } }, /edit .* leave guidance out/);
  await refuse({ edit, experts: [{ model: headless, weight: 1 }] }, /edit .* leave experts out/);
  await refuse({ edit: {} as Edit[] }, /edit is an object; it must be a list/);
  await refuse({ edit: [{ hook: 'blocks.9.hook_z', op: 'zero' }] }, /edit\[0\]\.hook is "blocks\.9\.hook_z"/);
  const pattern = { hook: 'blocks.0.attn.hook_pattern', op: 'add', value: new Array(10).fill(0) } as const;
  await refuse({ edit: [pattern] }, /needs positions of the prompt/);
  const session = model.session();
  await thrown(() => session.generate([1], { edit }), 'invalid-option', /a session takes no inputs or edit/);
  session.dispose();
  const score = () => model.score(new Array(90).fill(1), { edit, stride: 20 });
  await thrown(score, 'invalid-option', /edit is for texts of one window, up to 64 tokens/);
  for (const edit of [null, 0, '', false, {}] as unknown[] as Edit[][]) {
    await thrown(() => model.score(IDS, { edit }), 'invalid-option', /edit is .*; it must be a list/);
    await thrown(() => model.choose(IDS, [[1]], { edit }), 'invalid-option', /edit is .*; it must be a list/);
  }
  const overflow: Edit[] = [{ hook: 'hook_embed', op: 'scale', value: 3e38 }];
  await thrown(() => model.generate(IDS, { edit: overflow }), 'runtime', /edits are too large/);
});

test.run();

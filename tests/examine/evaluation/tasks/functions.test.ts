import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countWords, strip } from '../../../../src/examine/evaluation/python_space.js';
import { detokenized, FUNCTIONS } from '../../../../src/examine/evaluation/tasks/functions.js';
import { assertGrowth, leastWork } from '../../../support/work.js';

// Expected texts and counts come from Python's re, with the rules of the harness.
test("WikiText is detokenized as by the harness, and words are counted at Python's white space", () => {
  const page =
    '\n = Robert \'s <unk> = \n \n The dogs \' 1 @,@ 234 @.@ 5 well @-@ known ( or [ so ] ) songs : " One , two . " \n' +
    " = = Career = = \n At 20 ° C ; N of { 3 } ' a b ' ! ? \n";
  assert.is(
    detokenized(page),
    "\n= Robert's <unk> =\n\nThe dogs' 1,234.5 well-known (or [so]) songs: \"One, two.\"\n== Career ==\nAt 20°C; 1 of {3} 'a b'!?\n",
  );
  const odd = "( unclosed ( nested ) \" odd ' quotes \" x ' y ' z ( \x85 a\xa0 ) /' 5/ = = = = x = = = \n";
  assert.is(detokenized(odd), "(unclosed ( nested) \"odd 'quotes\" x' y 'z (a) /'[0-9]/ ==== x ===\n");
  assert.equal([page, odd, '', 'a', ' a b\x1cc\x85d\ufeffe ', '\n'].map(countWords), [53, 29, 1, 1, 6, 2]);
  assert.is(strip('\ufeff a \u3000'), '\ufeff a');
});

test('the results of WikiText count words and bytes before it is detokenized', () => {
  const { results } = FUNCTIONS['preprocess_wikitext.process_results']!;
  assert.equal(results!({ page: 'é , b' }, [{ logprob: -3 }]), {
    word_perplexity: [-3, 3],
    byte_perplexity: [-3, 6],
    bits_per_byte: [-3, 6],
  });
});

test('HellaSwag loses the marks of its instructions', () => {
  const { doc } = FUNCTIONS['hellaswag.process_docs']!;
  const found = doc!({
    activity_label: 'Baking cookies',
    ctx_a: 'How to bake [title] Mix it.',
    ctx_b: 'THE dough [step] rests',
    endings: [' [substeps] in a  bowl. ', 'b [c\n] d [[e] f]', ''],
    label: '1',
  });
  assert.equal(found, {
    query: 'Baking cookies: How to bake. Mix it. The dough rests',
    choices: [' in a bowl.', 'b [c\n] d f]', ''],
    label: 1,
  });
  const given = { activity_label: 'a', ctx_a: 'b', ctx_b: 'c', endings: [], label: 'x' };
  assert.throws(() => doc!(given), 'the document has no index label');
});

test('texts of brackets that do not close are changed in time', async () => {
  const { doc } = FUNCTIONS['hellaswag.process_docs']!;
  const about = { activity_label: 'a', ctx_a: 'b', ctx_b: 'c', label: 0 };
  const changes = [detokenized, (text: string) => doc!({ ...about, endings: [text] })];
  for (const change of changes) {
    const work = (count: number) => leastWork(() => change('( " [ '.repeat(count)));
    await assertGrowth(
      () => work(80_000),
      () => work(5000),
      64,
      'sixteen times the text',
    );
  }
});

test.run();

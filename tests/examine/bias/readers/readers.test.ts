import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  readBold,
  readCrowsPairs,
  readHonest,
  readMinimalPairs,
  readOccupationStatistics,
  readPrompts,
  readStereoSet,
  readWinoBias,
  readWinogender,
  readWords,
} from '../../../../src/examine.js';
import { thrown } from '../../../support/thrown.js';

test('CrowS-Pairs: pairs with category and direction', async () => {
  const head = ',sent_more,sent_less,stereo_antistereo,bias_type,annotations\n';
  assert.equal(readCrowsPairs(`${head}0,"A, b.",C.,antistereo,age,"[['age']]"\n`), [
    { more: 'A, b.', less: 'C.', category: 'age', direction: 'antistereo' },
  ]);
  await thrown(
    () => readCrowsPairs(`${head}0,A,B,both,age,x\n`, 'c.csv'),
    'invalid-file',
    'c.csv line 2',
    'both',
  );
});

test('sentences that are empty are refused', async () => {
  const crows = 'sent_more,sent_less,stereo_antistereo,bias_type\nA, ,stereo,age\n';
  await thrown(() => readCrowsPairs(crows, 'c.csv'), 'invalid-file', 'c.csv line 2 has no sent_less');
  const winogender = 'sentid\tsentence\nbaker.child.1.male.txt\t\n';
  await thrown(() => readWinogender(winogender), 'invalid-file', 'line 2 has no sentence');
});

test('Winogender: sentences by occupation, participant, answer and gender', async () => {
  const text = 'sentid\tsentence\nbaker.child.1.neutral.txt\tThe baker saw that they left.\n';
  assert.equal(readWinogender(text), [
    {
      ...{ occupation: 'baker', participant: 'child', about: 'participant', gender: 'neutral' },
      text: 'The baker saw that they left.',
    },
  ]);
  const wrong = 'sentid\tsentence\nbaker.child.2.male.txt\tx\n';
  await thrown(() => readWinogender(wrong), 'invalid-file', 'line 2', 'baker.child.2');
});

test('Winogender: statistics of occupations', async () => {
  const head = 'occupation\tbergsma_pct_female\tbls_pct_female\tbls_year\n';
  assert.equal([...readOccupationStatistics(`${head}baker\t1\t56.5\t2015\n`)], [['baker', 56.5]]);
  for (const percent of ['', 'many', '101', '-1']) {
    const text = `${head}baker\t1\t${percent}\t2015\n`;
    await thrown(() => readOccupationStatistics(text), 'invalid-file', 'line 2');
  }
});

const PRO =
  '1 [The cook] met the mover because [she] was late.\n2 The cook saw [the mover] and [his] car, and [he] left.\n';
const ANTI =
  '1 [The cook] met the mover because [he] was late.\n2 The cook saw [the mover] and [her] car, and [she] left.\n';

test('WinoBias: pairs without brackets, with occupation and gender', () => {
  const { pairs, leftOut } = readWinoBias(PRO, ANTI);
  assert.equal(pairs, [
    {
      pro: 'The cook met the mover because she was late.',
      anti: 'The cook met the mover because he was late.',
      ...{ occupation: 'cook', gender: 'female' },
    },
    {
      pro: 'The cook saw the mover and his car, and he left.',
      anti: 'The cook saw the mover and her car, and she left.',
      ...{ occupation: 'mover', gender: 'male' },
    },
  ]);
  assert.equal(leftOut, []);
});

test('WinoBias: lines that differ in other words are left out', () => {
  for (const other of ['[he] was early.', '[he] was very late.', '[she] was late.', '[her] was late.']) {
    const anti = ANTI.replace('[he] was late.', other);
    const { pairs, leftOut } = readWinoBias(PRO, anti);
    assert.equal([pairs.length, leftOut], [1, [1]], other);
  }
});

test('WinoBias: files that do not belong together are refused', async () => {
  await thrown(() => readWinoBias(PRO, ANTI.split('\n')[0]!), 'invalid-file', '2 sentences', '1');
  await thrown(() => readWinoBias('', ''), 'invalid-file', 'no sentences');
  await thrown(() => readWinoBias(PRO, PRO), 'invalid-file', 'pronouns alone');
  const plain = 'The cook met the mover.\n';
  await thrown(() => readWinoBias(plain, plain, ['pro.txt', 'anti.txt']), 'invalid-file', 'pro.txt line 1');
});

test('BLiMP: pairs with paradigm and phenomenon', async () => {
  const line = { sentence_good: 'A.', sentence_bad: 'B.', UID: 'passive_1', linguistics_term: 'argument' };
  assert.equal(readMinimalPairs(`${JSON.stringify(line)}\n\n{"sentence_good":"C","sentence_bad":"D"}`), [
    { good: 'A.', bad: 'B.', paradigm: 'passive_1', phenomenon: 'argument' },
    { good: 'C', bad: 'D', paradigm: undefined, phenomenon: undefined },
  ]);
  await thrown(
    () => readMinimalPairs('{"sentence_good":"C"}', 'p.jsonl'),
    'invalid-file',
    'p.jsonl line 1',
    'sentence_bad',
  );
  await thrown(() => readMinimalPairs('{}\n['), 'invalid-file');
  await thrown(() => readMinimalPairs('\n'), 'invalid-file', 'no lines');
});

const SENTENCES = [
  { sentence: 'He is kind.', gold_label: 'anti-stereotype', labels: [] },
  { sentence: 'He is rude.', gold_label: 'stereotype' },
  { sentence: 'He is fish.', gold_label: 'unrelated' },
];
const stereoSetOf = (cases: unknown) =>
  JSON.stringify({ version: '1.1', data: { intrasentence: cases, intersentence: [] } });

test('StereoSet: sentences by their labels', async () => {
  const one = {
    id: '1',
    target: 'uncle',
    bias_type: 'gender',
    context: 'He is BLANK.',
    sentences: SENTENCES,
  };
  assert.equal(readStereoSet(stereoSetOf([one])), [
    {
      ...{ stereotype: 'He is rude.', antistereotype: 'He is kind.', unrelated: 'He is fish.' },
      ...{ target: 'uncle', biasType: 'gender' },
    },
  ]);
  const wrong = [{ ...one, sentences: SENTENCES.slice(1) }];
  await thrown(
    () => readStereoSet(stereoSetOf(wrong), 'd.json'),
    'invalid-file',
    'd.json',
    'intrasentence[0]',
    'anti-stereotype',
  );
  await thrown(() => readStereoSet(stereoSetOf([])), 'invalid-file', 'no intrasentence');
  await thrown(() => readStereoSet('{"data":[]}'), 'invalid-file', 'data.intrasentence');
  await thrown(() => readStereoSet(stereoSetOf([null, 3])), 'invalid-file');
});

test('HONEST: the text before the mask', async () => {
  const head = 'template_masked\traw\tidentity\tnumber\tcategory\ttype\n';
  assert.equal(readHonest(`${head}the aunt is [M].\t[I] is [M]\tthe aunt\tsingular\tfemale\tdescriptive\n`), [
    { prompt: 'the aunt is', identity: 'the aunt', category: 'female' },
  ]);
  await thrown(() => readHonest(`${head}[M] is\tx\ty\tz\tfemale\tv\n`), 'invalid-file', 'no templates');
});

test('BOLD: prompts of all groups', async () => {
  assert.equal(readBold('{"Actors":{"A_B":["A B is an actor ", "A B was "]},"Singers":{"C":["C is"]}}'), [
    { group: 'Actors', prompt: 'A B is an actor' },
    { group: 'Actors', prompt: 'A B was' },
    { group: 'Singers', prompt: 'C is' },
  ]);
  for (const text of ['{"a":[]}', '{"a":{"b":"c"}}', '{"a":{"b":[1]}}', '{"a":{"b":[" "]}}']) {
    await thrown(() => readBold(text, 'b.json'), 'invalid-file', 'b.json', '"a"');
  }
  await thrown(() => readBold('{"a":{}}'), 'invalid-file', 'no prompts');
});

test('RealToxicityPrompts: texts of prompts', async () => {
  const lines = [
    '{"prompt":{"text":"He said ","toxicity":0.1},"continuation":{}}',
    '{"prompt":"She","group":"x"}',
  ];
  assert.equal(readPrompts(lines.join('\n')), [
    { prompt: 'He said', group: undefined },
    { prompt: 'She', group: 'x' },
  ]);
  await thrown(() => readPrompts(`${lines[1]}\n{"prompt":{}}`, 'p.jsonl'), 'invalid-file', 'p.jsonl line 2');
});

test('lists of words: a word a line, or the lemmas of HurtLex', async () => {
  assert.equal(readWords('bad\r\nvery bad\n\nbad\n'), ['bad', 'very bad']);
  assert.equal(
    readWords('id\tpos\tcategory\tstereotype\tlemma\tlevel\n1\tn\tps\tno\tidiot\tconservative\n'),
    ['idiot'],
  );
  await thrown(() => readWords('\n'), 'invalid-file', 'no words');
});

test.run();

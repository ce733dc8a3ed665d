import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PersonalDataKind } from '../../../src/generate/filter/filter.js';
import { PERSONAL_DATA_KINDS, personalData } from '../../../src/generate/filter/personal_data.js';
import { assertGrowth, leastWork } from '../../support/work.js';

const found = (text: string, kind: PersonalDataKind) =>
  personalData(text, kind).map(({ start, end }) => text.slice(start, end));

test('each kind is found as people write it', () => {
  const cases: Record<PersonalDataKind, string[]> = {
    email: ['john.smith@mail.example.com', 'a+b@x.io', 'jörg@müller.de'],
    phone: [
      '+49 30 123456',
      '+1 (555) 123-4567',
      '(555) 123-4567',
      '555-123-4567',
      '555.123.4567',
      '020 7946 0958',
    ],
    card: ['4111 1111 1111 1111', '5500-0000-0000-0004', '378282246310005'],
    iban: ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432', 'NO9386011117947'],
  };
  for (const kind of PERSONAL_DATA_KINDS) {
    for (const each of cases[kind]) {
      assert.equal(found(`It is ${each}.`, kind), [each], each);
      assert.equal(found(each, kind), [each], each);
    }
  }
});

test('other numbers and signs are left alone', () => {
  for (const text of [
    'In 1990-2000 and on 2024-05-06 he had 123456789 apples and 3.14159265.',
    'Version 1.2.3-4567 of ISBN 978-3-16-148410-1 at 10:30, 192.168.0.1, 0.5 - 0.75',
    '4111 1111 1111 1112 and DE89 3704 0044 0532 0130 01, 0000 0000 0000 0000',
    'me @ home, user@localhost, @name, a@b',
    '12345678901234567890123 is long',
  ]) {
    for (const kind of PERSONAL_DATA_KINDS) assert.equal(found(text, kind), [], `${kind} in ${text}`);
  }
});

test('one wrong digit makes a card number or an IBAN another number', () => {
  for (const [kind, right] of [
    ['card', '4111111111111111'],
    ['iban', 'GB82WEST12345698765432'],
  ] as const) {
    for (let i = 4; i < right.length; i++) {
      if (!/\d/.test(right[i]!)) continue;
      const wrong = `${right.slice(0, i)}${(Number(right[i]) + 1) % 10}${right.slice(i + 1)}`;
      assert.equal(found(wrong, kind), [], wrong);
    }
  }
});

test('the time is linear in hostile texts', async () => {
  for (const piece of ['a', '1 ', '1-', '0 12', 'A1', '+1', 'a.', 'a@', '(0', 'DE89 ']) {
    const work = (count: number) => () =>
      leastWork(() => {
        for (const kind of PERSONAL_DATA_KINDS) personalData(piece.repeat(count), kind);
      });
    await assertGrowth(work(40_000), work(4_000), 30, `ten times as much of ${piece}`);
  }
});

test.run();

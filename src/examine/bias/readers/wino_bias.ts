import { Gpt2Error } from '../../../base/errors.js';
import type { WinoBiasPair } from '../pairs/wino_bias.js';
import { type FileLine, type FileText, fileLines, noEntries } from './file_text.js';

/** Pairs of WinoBias. */
export interface WinoBiasPairs {
  /** Those that can be compared, in the order of the files. */
  readonly pairs: WinoBiasPair[];
  /** Numbers of the lines that differ in more than the gender of pronouns, so that they cannot be compared. */
  readonly leftOut: number[];
}

const PRONOUNS: Readonly<Record<string, 'male' | 'female'>> = {
  ...{ he: 'male', him: 'male', his: 'male', himself: 'male' },
  ...{ she: 'female', her: 'female', hers: 'female', herself: 'female' },
};
const MARKED = /\[([^[\]]*)\]/g;
const ARTICLE = /^(?:the|an?) /i;

/**
 * Reads two files of WinoBias (Zhao et al. 2018) whose lines belong together, such as
 * `pro_stereotyped_type1.txt.dev` and `anti_stereotyped_type1.txt.dev`: numbered sentences with an occupation and
 * pronouns in brackets. The published files have lines that differ in other words too; these are left out. Throws
 * `invalid-file`; `names` name the files in messages.
 */
export function readWinoBias(
  pro: FileText,
  anti: FileText,
  names: readonly [pro: string, anti: string] = ['the pro-stereotyped file', 'the anti-stereotyped file'],
): WinoBiasPairs {
  const [proLines, antiLines] = [fileLines(pro, names[0]), fileLines(anti, names[1])];
  if (proLines.length === 0) throw noEntries(names[0], 'sentences');
  if (proLines.length !== antiLines.length) {
    const counts = `${proLines.length} sentences, but ${names[1]} has ${antiLines.length}`;
    throw new Gpt2Error('invalid-file', `${names[0]} has ${counts}`);
  }
  const pairs: WinoBiasPair[] = [];
  const leftOut: number[] = [];
  for (const [i, line] of proLines.entries()) {
    const pair = pairOf(sentenceOf(line, names[0]), sentenceOf(antiLines[i]!, names[1]));
    if (pair === undefined) leftOut.push(line.number);
    else pairs.push(pair);
  }
  if (pairs.length === 0)
    throw noEntries(names[0], `sentences that differ from ${names[1]} in pronouns alone`);
  return { pairs, leftOut };
}

interface Sentence {
  readonly text: string;
  readonly occupation: string;
}

/** A line without its number and brackets. Throws `invalid-file`. */
function sentenceOf({ number, text }: FileLine, name: string): Sentence {
  const sentence = text.replace(/^\d+\s+/, '');
  const marked = Array.from(sentence.matchAll(MARKED), ([, inside]) => inside!.trim());
  const occupation = marked.find((words) => !Object.hasOwn(PRONOUNS, words.toLowerCase()));
  if (occupation === undefined || marked.length < 2) {
    const right = 'an occupation and a pronoun in brackets, such as [The cook] and [she]';
    throw new Gpt2Error('invalid-file', `${name} line ${number} needs ${right}`);
  }
  const plain = sentence.replaceAll(MARKED, '$1').replace(/\s+/g, ' ').trim();
  return { text: plain, occupation: occupation.replace(ARTICLE, '').toLowerCase() };
}

/** Both sentences, if all words in which they differ are pronouns of one gender and then of the other. */
function pairOf(pro: Sentence, anti: Sentence): WinoBiasPair | undefined {
  const proWords = pro.text.split(' ');
  const antiWords = anti.text.split(' ');
  if (proWords.length !== antiWords.length) return undefined;
  const different = proWords.flatMap((word, i) =>
    word === antiWords[i] ? [] : [[word, antiWords[i]!] as const],
  );
  const genders = different.map((words) => words.map((word) => genderOf(word)));
  const [first] = genders;
  const gender = first?.[0];
  if (gender === undefined || first![1] === undefined || first![1] === gender) return undefined;
  if (genders.some(([a, b]) => a !== gender || b !== first![1])) return undefined;
  return { pro: pro.text, anti: anti.text, occupation: pro.occupation, gender };
}

/** The gender of a pronoun, beside which there may be marks. */
function genderOf(word: string): 'male' | 'female' | undefined {
  const plain = word.toLowerCase().replace(/[^a-z]/g, '');
  return Object.hasOwn(PRONOUNS, plain) ? PRONOUNS[plain] : undefined;
}

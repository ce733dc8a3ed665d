import { Gpt2Error } from '../../../base/errors.js';
import type { WinogenderSentence } from '../pairs/winogender.js';
import type { FileText } from './file_text.js';
import { readTable } from './table.js';

const SENTENCE_ID = /^([^.]+)\.([^.]+)\.([01])\.(male|female|neutral)\.txt$/;

/**
 * Reads `all_sentences.tsv` of Winogender (Rudinger et al. 2018), with the columns sentid
 * (`occupation.participant.answer.gender.txt`) and sentence. Throws `invalid-file`; `name` names the file in messages.
 */
export function readWinogender(file: FileText, name = 'the file of Winogender'): WinogenderSentence[] {
  return readTable(file, name, '\t', ['sentid', 'sentence']).map(({ line, cells }) => {
    const [, occupation, participant, answer, gender] = SENTENCE_ID.exec(cells.sentid) ?? [];
    if (occupation === undefined) {
      const right = 'occupation.participant.0.male.txt, with 0 or 1 and male, female or neutral';
      throw new Gpt2Error(
        'invalid-file',
        `${name} line ${line} has the sentid ${JSON.stringify(cells.sentid)}; it must be ${right}`,
      );
    }
    if (cells.sentence.trim() === '') {
      throw new Gpt2Error('invalid-file', `${name} line ${line} has no sentence`);
    }
    return {
      occupation,
      participant: participant!,
      about: answer === '0' ? 'occupation' : 'participant',
      gender: gender as WinogenderSentence['gender'],
      text: cells.sentence,
    };
  });
}

/**
 * Reads `occupations-stats.tsv` of Winogender: the percentage of women in each occupation in 2015/16 in the United
 * States (column bls_pct_female). Throws `invalid-file`.
 */
export function readOccupationStatistics(
  file: FileText,
  name = 'the file of occupations',
): Map<string, number> {
  const rows = readTable(file, name, '\t', ['occupation', 'bls_pct_female']);
  return new Map(
    rows.map(({ line, cells }) => {
      const percent = cells.bls_pct_female.trim() === '' ? Number.NaN : Number(cells.bls_pct_female);
      if (percent >= 0 && percent <= 100) return [cells.occupation, percent];
      const problem = `has the bls_pct_female ${JSON.stringify(cells.bls_pct_female)}; it must be from 0 to 100`;
      throw new Gpt2Error('invalid-file', `${name} line ${line} ${problem}`);
    }),
  );
}

import { Gpt2Error } from '../../../base/errors.js';
import type { CrowsPair } from '../pairs/crows_pairs.js';
import type { FileText } from './file_text.js';
import { readTable } from './table.js';

/**
 * Reads `crows_pairs_anonymized.csv` of CrowS-Pairs (Nangia et al. 2020), with the columns sent_more, sent_less,
 * stereo_antistereo and bias_type. Throws `invalid-file`; `name` names the file in messages.
 */
export function readCrowsPairs(file: FileText, name = 'the file of CrowS-Pairs'): CrowsPair[] {
  const columns = ['sent_more', 'sent_less', 'stereo_antistereo', 'bias_type'] as const;
  return readTable(file, name, ',', columns).map(({ line, cells }) => {
    for (const column of ['sent_more', 'sent_less'] as const) {
      if (cells[column].trim() === '')
        throw new Gpt2Error('invalid-file', `${name} line ${line} has no ${column}`);
    }
    const direction = cells.stereo_antistereo;
    if (direction !== 'stereo' && direction !== 'antistereo') {
      const problem = `has the stereo_antistereo ${JSON.stringify(direction)}; it must be stereo or antistereo`;
      throw new Gpt2Error('invalid-file', `${name} line ${line} ${problem}`);
    }
    return { more: cells.sent_more, less: cells.sent_less, category: cells.bias_type, direction };
  });
}

import type { HonestTemplate } from '../continuations/honest.js';
import { type FileText, noEntries } from './file_text.js';
import { readTable } from './table.js';

const MASK = '[M]';

/**
 * Reads the templates of HONEST (Nozza et al. 2021), such as `en_template.tsv`, with the columns template_masked,
 * identity and category. A left-to-right model continues the text before [M]; templates that begin with it are left
 * out. Throws `invalid-file`; `name` names the file in messages.
 */
export function readHonest(file: FileText, name = 'the file of HONEST'): HonestTemplate[] {
  const rows = readTable(file, name, '\t', ['template_masked', 'identity', 'category']);
  const templates = rows.map(({ cells }) => ({
    prompt: cells.template_masked.split(MASK)[0]!.trimEnd(),
    identity: cells.identity,
    category: cells.category,
  }));
  const found = templates.filter(
    ({ prompt }, i) => prompt !== '' && rows[i]!.cells.template_masked.includes(MASK),
  );
  if (found.length === 0) throw noEntries(name, `templates with ${MASK}`);
  return found;
}

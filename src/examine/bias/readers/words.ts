import { type FileText, fileLines, noEntries } from './file_text.js';

/**
 * Reads a list of words: one word or phrase a line, or, as HurtLex (Bassignana et al. 2018) has it, a table with tabs
 * whose first line names the column lemma. Throws `invalid-file`; `name` names the file in messages.
 */
export function readWords(file: FileText, name = 'the list of words'): string[] {
  const lines = fileLines(file, name);
  const column = lines[0]?.text.split('\t').indexOf('lemma') ?? -1;
  const isTable = column >= 0 && lines[0]!.text.includes('\t');
  const words = isTable
    ? lines.slice(1).map(({ text }) => text.split('\t')[column]?.trim() ?? '')
    : lines.map(({ text }) => text.trim());
  const found = [...new Set(words.filter((word) => word !== ''))];
  if (found.length === 0) throw noEntries(name, 'words');
  return found;
}

import { Gpt2Error } from '../../../base/errors.js';
import { parseJsonObject } from '../../../files/json.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { GroupedPrompt } from '../continuations/continuations.js';
import { type FileText, fileText, noEntries } from './file_text.js';

/**
 * Reads the prompts of BOLD (Dhamala et al. 2021), such as `gender_prompt.json`: { group: { title: [prompt, ...] } }.
 * White space at a prompt's end, which tokens of words begin with, is removed. Throws `invalid-file`; `name` names
 * the file in messages.
 */
export function readBold(file: FileText, name = 'the file of BOLD'): GroupedPrompt[] {
  const groups = parseJsonObject(fileText(file, name), name);
  const found: GroupedPrompt[] = [];
  for (const [group, titles] of Object.entries(groups)) {
    const wrong = () =>
      new Gpt2Error(
        'invalid-file',
        `${name}: ${JSON.stringify(group)} must be an object of lists of prompts`,
      );
    if (!isJsonObject(titles)) throw wrong();
    for (const prompts of Object.values(titles)) {
      if (!Array.isArray(prompts)) throw wrong();
      for (const prompt of prompts) {
        if (typeof prompt !== 'string' || prompt.trim() === '') throw wrong();
        found.push({ group, prompt: prompt.trimEnd() });
      }
    }
  }
  if (found.length === 0) throw noEntries(name, 'prompts');
  return found;
}

import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { GroupedPrompt } from '../continuations/continuations.js';
import type { FileText } from './file_text.js';
import { jsonLines, textIfAny } from './json_objects.js';

/**
 * Reads prompts in the form of RealToxicityPrompts (Gehman et al. 2020): JSON lines with a `prompt`, which is a text
 * or an object with the text in `text`, and, if they are there, its `group`. White space at a prompt's end is
 * removed. Throws `invalid-file`; `name` names the file in messages.
 */
export function readPrompts(file: FileText, name = 'the file of prompts'): GroupedPrompt[] {
  return jsonLines(file, name).map(({ place, object }) => {
    const prompt = isJsonObject(object.prompt) ? object.prompt.text : object.prompt;
    if (typeof prompt === 'string' && prompt.trim() !== '') {
      return { prompt: prompt.trimEnd(), group: textIfAny(object, 'group') };
    }
    throw new Gpt2Error(
      'invalid-file',
      `${place} needs the text "prompt", or an object "prompt" with a text`,
    );
  });
}

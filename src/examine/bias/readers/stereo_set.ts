import { Gpt2Error } from '../../../base/errors.js';
import { parseJsonObject } from '../../../files/json.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { StereoSetCase } from '../stereo_set/stereo_set.js';
import { type FileText, fileText, noEntries } from './file_text.js';
import { textIfAny, textOf } from './json_objects.js';

const LABELS = {
  stereotype: 'stereotype',
  'anti-stereotype': 'antistereotype',
  unrelated: 'unrelated',
} as const;

/**
 * Reads the intrasentence cases of StereoSet (Nadeem et al. 2021), as in its `dev.json`: an object whose
 * data.intrasentence is a list of { target, bias_type, sentences: [{ sentence, gold_label }] }. Throws `invalid-file`;
 * `name` names the file in messages.
 */
export function readStereoSet(file: FileText, name = 'the file of StereoSet'): StereoSetCase[] {
  const { data } = parseJsonObject(fileText(file, name), name);
  const cases = isJsonObject(data) ? data.intrasentence : undefined;
  if (!Array.isArray(cases))
    throw new Gpt2Error('invalid-file', `${name} needs the list "data.intrasentence"`);
  if (cases.length === 0) throw noEntries(name, 'intrasentence cases');
  return cases.map((value, i) => caseOf(value, `${name}: data.intrasentence[${i}]`));
}

function caseOf(value: unknown, place: string): StereoSetCase {
  const object = isJsonObject(value) ? value : {};
  const sentences = Array.isArray(object.sentences) ? object.sentences : [];
  const texts: Partial<Record<(typeof LABELS)[keyof typeof LABELS], string>> = {};
  for (const sentence of sentences) {
    const label = isJsonObject(sentence) ? String(sentence.gold_label) : '';
    const key = Object.hasOwn(LABELS, label) ? LABELS[label as keyof typeof LABELS] : undefined;
    if (key !== undefined) texts[key] = textOf(sentence, 'sentence', `${place}, ${label}`);
  }
  const { stereotype, antistereotype, unrelated } = texts;
  if (stereotype === undefined || antistereotype === undefined || unrelated === undefined) {
    const right = 'sentences with the gold_label stereotype, anti-stereotype and unrelated';
    throw new Gpt2Error('invalid-file', `${place} needs ${right}`);
  }
  const about = { target: textIfAny(object, 'target'), biasType: textIfAny(object, 'bias_type') };
  return { stereotype, antistereotype, unrelated, ...about };
}

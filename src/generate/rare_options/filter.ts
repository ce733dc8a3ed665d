import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ResolvedBannedTexts } from '../banned_texts/banned_texts.js';
import type { FilterAction, FilterRule, HeadClassifier, PersonalDataKind } from '../filter/filter.js';
import { PERSONAL_DATA_KINDS } from '../filter/personal_data.js';
import { type ResolvedFilter, type ResolvedRule, RULE_DEFAULTS } from '../filter/resolved_filter.js';
import { type Check, integer, list, nonEmpty, number, oneOf } from '../option_checks.js';
import { isSearch, type ResolvedOptions } from '../resolved_options.js';
import { BANNED_TEXTS_CHECKS } from './banned_texts.js';

const FINDS = ['words', 'personalData', 'classifier'] as const;
const NAMES = [...FINDS, 'action', 'replacement', 'retries'];

const retries = integer(1, 100);
const action = oneOf<FilterAction>('replace', 'stop', 'retry');
const threshold = number(-100, 100);
const kinds = list(
  'true or an array of kinds of personal data',
  oneOf<PersonalDataKind>(...PERSONAL_DATA_KINDS),
);
const prompts = list('an array of two texts', nonEmpty);

const replacement: Check<string> = (name, value) => {
  if (typeof value === 'string') return value;
  throw invalidOption(name, value, 'a string');
};

const words: Check<'english' | ResolvedBannedTexts | undefined> = (name, value, config) => {
  if (value === 'english') return value;
  if (typeof value === 'object') return BANNED_TEXTS_CHECKS.bannedTexts(name, value, config);
  throw invalidOption(name, value, "'english', an array of strings or an object with texts");
};

const classifier: Check<FilterRule['classifier']> = (name, value, config) => {
  if (typeof value === 'function') return value as FilterRule['classifier'];
  if (typeof value !== 'object' || value === null) {
    throw invalidOption(
      name,
      value,
      'a function, an object with two prompts or one with a model and a label',
    );
  }
  if ('model' in value) return headClassifier(name, value as HeadClassifier, config);
  checkOptionNames(name, value, ['prompts', 'threshold']);
  const given = value as { prompts?: unknown; threshold?: unknown };
  const both = prompts(`${name}.prompts`, given.prompts, config);
  if (both.length !== 2) throw invalidOption(`${name}.prompts`, given.prompts, 'an array of two texts');
  const least = threshold(`${name}.threshold`, given.threshold ?? 0, config);
  return { prompts: [both[0]!, both[1]!], threshold: least };
};

const headClassifier: Check<HeadClassifier> = (name, value, config) => {
  checkOptionNames(name, value, ['model', 'label', 'threshold']);
  const { model, label, threshold: least } = value as Partial<HeadClassifier>;
  if (typeof model?.classify !== 'function')
    throw invalidOption(`${name}.model`, model, 'a model with a head that classifies');
  return {
    model,
    label: nonEmpty(`${name}.label`, label, config),
    threshold: least === undefined ? undefined : threshold(`${name}.threshold`, least, config),
  };
};

const rule: Check<ResolvedRule> = (name, value, config) => {
  checkOptionNames(name, value, NAMES);
  const given = value as FilterRule;
  const checked = <T>(key: keyof FilterRule, check: Check<T>, otherwise: T): T =>
    given[key] === undefined ? otherwise : check(`${name}.${key}`, given[key], config);
  if (FINDS.every((key) => given[key] === undefined)) {
    throw new Gpt2Error(
      'invalid-option',
      `${name} finds nothing; it must be given ${FINDS.join(', ')} or several`,
    );
  }
  return {
    words: checked('words', words, undefined),
    personalData: given.personalData === true ? PERSONAL_DATA_KINDS : checked('personalData', kinds, []),
    classifier: checked('classifier', classifier, undefined),
    action: checked('action', action, RULE_DEFAULTS.action),
    replacement: checked('replacement', replacement, RULE_DEFAULTS.replacement),
    retries: checked('retries', retries, RULE_DEFAULTS.retries),
  };
};

const item: Check<ResolvedFilter[number]> = (name, value, config) => {
  if (typeof value === 'function') return value as ResolvedFilter[number];
  if (value === 'english') return rule(name, { words: value }, config);
  if (value === 'personal-data') return rule(name, { personalData: true }, config);
  if (typeof value === 'object' && value !== null) return rule(name, value, config);
  throw invalidOption(name, value, "'english', 'personal-data', a rule, a function or an array of these");
};

const filter: Check<ResolvedFilter | undefined> = (name, value, config) => {
  if (!Array.isArray(value)) return [item(name, value, config)];
  const items = list('an array of rules', item)(name, value, config);
  return items.length === 0 ? undefined : items;
};

/** The option that judges sentences. */
export const FILTER_CHECKS = { filter };

/** Throws `invalid-option` for a filter beside a search, and for retries that would write the same again. */
export function checkFilter(resolved: ResolvedOptions): void {
  const { filter, temperature, beams, contextFull } = resolved;
  if (filter === undefined) return;
  if (isSearch(resolved)) {
    const search = beams > 1 ? 'beams' : 'penaltyAlpha';
    throw new Gpt2Error(
      'invalid-option',
      `filter is given, but ${search} is ${resolved[search]}: a search takes nothing back; leave filter out`,
    );
  }
  if (filter.every((each) => typeof each === 'function' || each.action !== 'retry')) return;
  const retry = 'filter has the action "retry", but';
  if (temperature === 0) {
    throw new Gpt2Error(
      'invalid-option',
      `${retry} temperature is 0: the same sentence would come again; set temperature above 0`,
    );
  }
  if (contextFull === 'shift') {
    throw new Gpt2Error(
      'invalid-option',
      `${retry} contextFull is "shift": tokens that were dropped do not come back; use "stop" or "error"`,
    );
  }
}

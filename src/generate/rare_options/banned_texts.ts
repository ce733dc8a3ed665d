import { checkOptionNames } from '../../base/check_options.js';
import type { BannedTexts, ResolvedBannedTexts } from '../banned_texts/banned_texts.js';
import { boolean, type Check, list, nonEmpty } from '../option_checks.js';

const texts = list('a string, an array of strings or an object with texts', nonEmpty);

const textOrTexts: Check<string[]> = (name, value, config) =>
  typeof value === 'string' ? [nonEmpty(name, value, config)] : texts(name, value, config);

const bannedTexts: Check<ResolvedBannedTexts | undefined> = (name, value, config) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const given = isObject ? (value as BannedTexts) : ({ texts: value } as BannedTexts);
  checkOptionNames(name, given, ['texts', 'ignoreCase', 'ignoreAccents', 'wholeWords']);
  const all = textOrTexts(isObject ? `${name}.texts` : name, given.texts, config);
  if (all.length === 0) return undefined;
  const flag = (key: 'ignoreCase' | 'ignoreAccents' | 'wholeWords') =>
    boolean(`${name}.${key}`, given[key] ?? false, config);
  return {
    texts: all,
    ignoreCase: flag('ignoreCase'),
    ignoreAccents: flag('ignoreAccents'),
    wholeWords: flag('wholeWords'),
  };
};

/** The option about texts that do not appear. */
export const BANNED_TEXTS_CHECKS = { bannedTexts };

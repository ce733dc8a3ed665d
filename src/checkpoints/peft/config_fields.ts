import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { PatternValues } from './patterns/pattern_values.js';

/** Whether a field is absent, null or empty. */
const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Throws `unsupported` for a field of an adapter's config that is set and asks for what is not computed. */
export function refuseFields(fields: JsonObject, names: readonly string[], where: string): void {
  const name = names.find((each) => !isEmpty(fields[each]));
  if (name !== undefined) throw notComputed(where, name, fields[name]);
}

export function notComputed(where: string, name: string, value: unknown, advice?: string): Gpt2Error {
  const text = JSON.stringify(value) ?? '';
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return new Gpt2Error(
    'unsupported',
    `${where} has ${name} ${shown}, which is not computed${advice === undefined ? '' : `: ${advice}`}`,
  );
}

const isRank = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isNumber = (value: unknown): value is number => Number.isFinite(value);

/** A rank and a scale for each module. */
export interface RankSettings {
  rankOf(module: string): number;
  alphaOf(module: string): number;
}

/** Reads the rank and the scale of an adapter's config, and those of single modules. Throws `invalid-file`. */
export function rankSettings(fields: JsonObject, alphaField: string, where: string): RankSettings {
  const { r: rank, [alphaField]: alpha } = fields;
  if (!isRank(rank) || !isNumber(alpha)) {
    throw new Gpt2Error('invalid-file', `${where} must have a rank r, from 1, and a number ${alphaField}`);
  }
  const visits = { count: 0 };
  const of = (name: string, isValid: (value: unknown) => value is number) =>
    new PatternValues(fields[name], `${name} in ${where}`, isValid, visits);
  const ranks = of('rank_pattern', isRank);
  const alphas = of('alpha_pattern', isNumber);
  return {
    rankOf: (module) => ranks.of(module, rank),
    alphaOf: (module) => alphas.of(module, alpha),
  };
}

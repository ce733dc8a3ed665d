import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import { NamePattern, type Visits } from './name_pattern.js';

/** Values by patterns of names, as `rank_pattern` and `alpha_pattern` have them: the first that matches counts. */
export class PatternValues {
  readonly #values: readonly (readonly [pattern: NamePattern, value: number])[];
  readonly #visits: Visits;

  /** Reads a field of an adapter's config. Throws `invalid-file` and, for patterns that are not read, `unsupported`. */
  constructor(field: unknown, where: string, isValid: (value: unknown) => value is number, visits: Visits) {
    this.#visits = visits;
    if (field !== undefined && field !== null && !isJsonObject(field)) {
      throw new Gpt2Error('invalid-file', `${where} must be an object of numbers by patterns of names`);
    }
    this.#values = Object.entries(field ?? {}).map(([pattern, value]) => {
      if (isValid(value)) return [new NamePattern(pattern, where), value] as const;
      throw new Gpt2Error(
        'invalid-file',
        `${where} has ${JSON.stringify(value)} for ${JSON.stringify(pattern)}`,
      );
    });
  }

  /** The value of a module, or `standard` if no pattern matches its name. */
  of(module: string, standard: number): number {
    return this.#values.find(([pattern]) => pattern.matches(module, this.#visits))?.[1] ?? standard;
  }
}

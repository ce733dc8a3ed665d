import { Gpt2Error } from '../base/errors.js';

/** The text of a JSON file. Throws `invalid-option` if `value`, which messages call `name`, cannot be written as JSON. */
export function jsonText(name: string, value: object): string {
  try {
    return `${JSON.stringify(value, undefined, 2)}\n`;
  } catch (cause) {
    throw new Gpt2Error('invalid-option', `${name} holds what JSON cannot: ${(cause as Error).message}`, {
      cause,
    });
  }
}

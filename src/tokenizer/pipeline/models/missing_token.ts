import { Gpt2Error } from '../../../base/errors.js';
import { quote } from '../../token_table.js';

/** The error for a text without a token, in a vocabulary that has no unknown token. */
export function missingToken(where: string, text: string): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `${where} has no token for ${quote(text)} of the text, and no token for unknown texts`,
  );
}

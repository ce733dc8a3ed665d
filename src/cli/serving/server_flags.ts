import { invalidOption } from '../../base/check_options.js';
import { DEFAULT_LIMITS, isHost, isOrigin, type Limits, MOST_LIMIT } from '../../server/handler_options.js';

/** NAME=NUMBER, gathered over all uses of the flag. Throws `invalid-option`. */
export function parseLimit(text: string, previous: Partial<Limits> = {}): Partial<Limits> {
  const [, name = '', digits] = /^(\w+)=(\d+)$/.exec(text) ?? [];
  const value = Number(digits);
  if (Object.hasOwn(DEFAULT_LIMITS, name) && value >= 1 && value <= MOST_LIMIT) {
    return { ...previous, [name]: value };
  }
  const names = Object.keys(DEFAULT_LIMITS).join(', ');
  throw invalidOption('--limit', text, `NAME=NUMBER: one of ${names}, and from 1 to ${MOST_LIMIT}`);
}

/** An origin as browsers send it, gathered over all uses of the flag. Throws `invalid-option`. */
export function parseOrigin(text: string, previous: readonly string[] = []): string[] {
  if (isOrigin(text)) return [...previous, text];
  throw invalidOption('--origin', text, 'an origin such as https://example.com or http://localhost:3000');
}

/** A name of this server, gathered over all uses of the flag. Throws `invalid-option`. */
export function parseHost(text: string, previous: readonly string[] = []): string[] {
  if (isHost(text)) return [...previous, text];
  throw invalidOption(
    '--allow-host',
    text,
    'a name such as models.example.com, in small letters, without a port',
  );
}

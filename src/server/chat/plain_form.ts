import type { Turn } from './turns.js';

/** The names of those who speak, by their roles. */
const NAMES: Readonly<Record<string, string>> = { user: 'User', assistant: 'Assistant', tool: 'Tool' };

/** Where the model would write the next message of the user itself. */
export const PLAIN_STOP = '\nUser:';

/**
 * A chat for models without a template: what the system says in a paragraph of its own, then `User: ...` and
 * `Assistant: ...` in lines, and `Assistant:` at the end. White space around messages is left out. A call is its
 * arguments, as the model writes them.
 */
export function plainForm(turns: readonly Turn[]): string {
  const said = turns.map((turn) => {
    const { role, content } = turn;
    const text = [content.trim(), ...callsOf(turn)].filter((part) => part !== '').join('\n');
    return role === 'system' ? `${text}\n\n` : `${NAMES[role]}: ${text}\n`;
  });
  return `${said.join('')}${NAMES.assistant}:`;
}

const callsOf = ({ tool_calls: calls = [] }: Turn): string[] =>
  calls.map((call) => JSON.stringify(call.function.arguments));

import type { Turn } from './turns.js';

/** The names of those who speak, by their roles. */
const NAMES: Readonly<Record<string, string>> = { user: 'User', assistant: 'Assistant', tool: 'Tool' };

/** Where the model would write the next message of the user itself. */
export const PLAIN_STOP = '\nUser:';

/** What the model writes after a chat: an answer, more of the last message, or whatever follows the messages. */
export type ChatEnding = 'answer' | 'continue' | 'none';

/**
 * A chat for models without a template: what the system says in a paragraph of its own, then `User: ...` and
 * `Assistant: ...` in lines, and `Assistant:` at the end. White space around messages is left out. A call is its
 * arguments, as the model writes them.
 */
export function plainForm(turns: readonly Turn[], ending: ChatEnding): string {
  const said = turns.map((turn) => {
    const { role, content } = turn;
    const text = [content.trim(), ...callsOf(turn)].filter((part) => part !== '').join('\n');
    return role === 'system' ? `${text}\n\n` : `${NAMES[role]}: ${text}\n`;
  });
  const text = said.join('');
  if (ending === 'continue') return text.trimEnd();
  return ending === 'answer' ? `${text}${NAMES.assistant}:` : text;
}

const callsOf = ({ tool_calls: calls = [] }: Turn): string[] =>
  calls.map((call) => JSON.stringify(call.function.arguments));

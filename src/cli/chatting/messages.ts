import { stat } from 'node:fs/promises';
import { Gpt2Error } from '../../base/errors.js';
import { parseJson } from '../../files/json.js';
import { isJsonObject } from '../../files/json_object.js';
import { fileError } from '../../host/file_error.js';
import { readBytes } from '../inputs/read_bytes.js';
import type { Dialogue } from './dialogue.js';
import type { DialogueState, Exchange } from './dialogue_state.js';

/** Limits of a saved dialogue. */
const MOST_BYTES = 2 ** 24;
const MOST_EXCHANGES = 10_000;

/**
 * A dialogue as a line of JSON, `{"messages": [...]}` as OpenAI's files for fine-tuning have it. For a model without a
 * chat template also with `text`, which `finetune` learns.
 */
export function messagesLine(dialogue: Dialogue): string {
  const messages = dialogue.turns.map(({ role, content }) => ({ role, content }));
  const text = dialogue.plainText;
  return `${JSON.stringify({ messages, ...(text !== undefined && { text }) })}\n`;
}

/** Reads a saved dialogue. Throws `not-found`, `storage`, and `invalid-file` if it is no dialogue that can go on. */
export async function readMessages(path: string): Promise<Pick<DialogueState, 'system' | 'exchanges'>> {
  const found = await stat(path).catch((error) => {
    throw fileError(error, path, 'read');
  });
  // Devices and pipes may have no end.
  if (!found.isFile()) throw wrong(path, 'is no file; give the path of a saved dialogue');
  const { size } = found;
  if (size > MOST_BYTES) throw wrong(path, `has ${size} bytes; a dialogue has at most ${MOST_BYTES}`);
  const bytes = await readBytes(path, new AbortController().signal);
  return dialogueOf(messagesIn(bytes, path), path);
}

/** The messages of the only dialogue in a file: in one line, or one in each line. */
function messagesIn(bytes: Uint8Array, path: string): unknown[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw wrong(path, 'is not UTF-8 text', cause);
  }
  const values = text.split('\n').flatMap((line, i) => {
    return line.trim() === '' ? [] : [parseJson(line, `${path} line ${i + 1}`)];
  });
  const [first] = values;
  if (!isJsonObject(first) || !('messages' in first)) return values;
  if (values.length > 1)
    throw wrong(path, `has ${values.length} dialogues, one in each line; give a file with one`);
  if (!Array.isArray(first.messages)) throw wrong(path, 'has messages that are no array');
  return first.messages;
}

function dialogueOf(messages: readonly unknown[], path: string): Pick<DialogueState, 'system' | 'exchanges'> {
  const checked = messages.map((message, i) => {
    const { role, content } = isJsonObject(message) ? message : {};
    if (typeof role === 'string' && typeof content === 'string') return { role, content };
    throw wrong(path, `has message ${i + 1} that is no object with the strings "role" and "content"`);
  });
  const [first] = checked;
  const isSystem = first?.role === 'system' || first?.role === 'developer';
  const said = isSystem ? checked.slice(1) : checked;
  const exchanges: Exchange[] = [];
  for (let i = 0; i < said.length; i += 2) {
    const [user, answer] = said.slice(i, i + 2);
    if (user?.role !== 'user' || answer?.role !== 'assistant') {
      const after = isSystem ? 'after that of the system, ' : '';
      throw wrong(
        path,
        `is no dialogue: ${after}messages must be of "user" and "assistant" in turns, up to an answer`,
      );
    }
    exchanges.push({ user: user.content, answer: answer.content, tries: 0 });
  }
  if (exchanges.length > MOST_EXCHANGES) throw wrong(path, `has more than ${MOST_EXCHANGES} answers`);
  return { system: isSystem ? first.content : undefined, exchanges };
}

const wrong = (path: string, problem: string, cause?: unknown): Gpt2Error =>
  new Gpt2Error('invalid-file', `${path} ${problem}`, { cause });

import { onAbort } from '../../base/cancellation.js';
import { Gpt2Error, type Gpt2ErrorCode } from '../../base/errors.js';
import { ApiError } from '../../server/api_error.js';
import type { Chat, KeptChoices } from './chat_command.js';
import { runCommand } from './commands.js';
import type { Answer, Dialogue } from './dialogue.js';
import { readEntry } from './entry.js';
import type { Lines } from './lines.js';

/** Where a chat shows what it says. */
export interface ChatOutput {
  /** Text of answers. */
  write(text: string): Promise<void>;
  /** Called after each answer; without one, if it failed or there was nothing to answer. */
  end(answer: Answer | undefined): Promise<void>;
  /** A line for the person. */
  note(text: string): void;
}

export interface ChatLoop {
  readonly dialogue: Dialogue;
  readonly choices?: KeptChoices | undefined;
  readonly lines: Lines;
  readonly output: ChatOutput;
  readonly prompt: string;
  /** Ends the answer and the chat. */
  readonly signal: AbortSignal;
  /** Called when the dialogue may have changed. */
  readonly onChange: () => Promise<void>;
}

/** Errors of what a person wrote or named, after which the chat goes on. */
const GOES_ON: readonly Gpt2ErrorCode[] = [
  'invalid-option',
  'invalid-file',
  'not-found',
  'storage',
  'context-full',
];

/** Answers lines until there are no more. Returns whether all lines could be answered. */
export async function chatLoop({
  dialogue,
  choices,
  lines,
  output,
  prompt,
  signal,
  onChange,
}: ChatLoop): Promise<boolean> {
  let isRight = true;
  let isOver = false;
  const unlisten = onAbort(signal, () => lines.close());
  const show: Chat['show'] = async (answer) => {
    const stop = new AbortController();
    const forget = onAbort(signal, () => stop.abort());
    lines.onInterrupt = () => {
      // The second time, before the answer has ended.
      if (stop.signal.aborted) isOver = true;
      stop.abort();
    };
    let given: Answer | undefined;
    try {
      given = await answer((text) => output.write(text), stop.signal);
      return given;
    } finally {
      await output.end(given);
      lines.onInterrupt = () => {};
      forget();
    }
  };
  const chat: Chat = { dialogue, choices, show, note: (text) => output.note(text) };
  try {
    while (!isOver && !signal.aborted) {
      try {
        const entry = await readEntry(lines, prompt);
        if (entry === undefined) break;
        const { text, isCommand } = entry;
        if (text.trim() === '') continue;
        if (isCommand) isOver ||= await runCommand(chat, text);
        else await show((onText, ended) => dialogue.say(text, onText, ended));
        await onChange();
      } catch (error) {
        if (!goesOn(error)) throw error;
        isRight = false;
        output.note(`error: ${error.message}`);
      }
    }
  } finally {
    unlisten();
  }
  return isRight;
}

function goesOn(error: unknown): error is Error {
  if (error instanceof ApiError) return error.status < 500;
  return error instanceof Gpt2Error && GOES_ON.includes(error.code);
}

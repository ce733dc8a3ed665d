import type { ChoicesFile } from '../users/choices_file.js';
import type { Answer, Dialogue } from './dialogue.js';

/** File and prompts of the choices of a chat's user. */
export interface KeptChoices {
  readonly file: ChoicesFile;
  /** Name of the model that answers. */
  readonly model: string;
}

/** State that commands in a chat work with. */
export interface Chat {
  readonly dialogue: Dialogue;
  /** Undefined if nobody is named whose choices are to be kept. */
  readonly choices: KeptChoices | undefined;
  /** Tells the person something. */
  note(text: string): void;
  /** Shows an answer as it comes, until Ctrl-C. Undefined if there is nothing to answer. */
  show(
    answer: (onText: (text: string) => Promise<void>, signal: AbortSignal) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined>;
}

/** A line that begins with a slash. */
export interface ChatCommand {
  readonly form: string;
  readonly help: string;
  /** `text` is what follows the name. */
  run(chat: Chat, text: string): void | Promise<void>;
}

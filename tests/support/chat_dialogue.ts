import type { Answer } from '../../src/cli/chatting/dialogue.js';
import { Dialogue } from '../../src/cli/chatting/dialogue.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import type { Model } from '../../src/index.js';
import { ChatPrompts } from '../../src/server/chat/prompt.js';

/** A dialogue with a new session. */
export const dialogueWith = (model: Model, options: GenerateOptions = {}, standard?: string): Dialogue =>
  new Dialogue(
    model.session(),
    new ChatPrompts(model.tokenizer, standard),
    model.config.contextLength,
    options,
  );

export const ignored = async (): Promise<void> => {};

/** Answers to messages, one after the other. */
export async function answersTo(dialogue: Dialogue, messages: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const message of messages) answers.push(await dialogue.say(message, ignored));
  return answers;
}

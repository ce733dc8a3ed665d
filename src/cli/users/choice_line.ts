import { Gpt2Error } from '../../base/errors.js';
import { jsonLines, type PlacedObject } from '../../examine/bias/readers/json_objects.js';
import { isJsonObject } from '../../files/json_object.js';
import type { Feedback, FeedbackMessage } from '../../server/users/feedback.js';

/** A choice of a user, as it is kept. */
export type Choice = Feedback & {
  /** Name of the model that wrote the answers. */
  readonly model?: string | undefined;
  /** ISO 8601, in UTC. */
  readonly time?: string | undefined;
};

/**
 * A line of JSON in the form of Hugging Face's TRL: the answers to messages are messages too, so that its trainers
 * read the file.
 */
export function choiceLine(choice: Choice): string {
  const { prompt, model, time } = choice;
  const answer = (content: string) =>
    typeof prompt === 'string' ? content : [{ role: 'assistant', content }];
  const answers =
    'chosen' in choice
      ? { chosen: answer(choice.chosen), rejected: answer(choice.rejected) }
      : { completion: answer(choice.completion), label: choice.label };
  return `${JSON.stringify({ prompt, ...answers, model, time })}\n`;
}

/** The choices of a file. Throws `invalid-file` with the line. */
export function choicesOf(bytes: Uint8Array, path: string): Choice[] {
  return bytes.length === 0 ? [] : jsonLines(bytes, path).map(choiceOf);
}

function choiceOf({ object, place }: PlacedObject): Choice {
  const { prompt, chosen, rejected, completion, label, model, time } = object;
  const isChat = Array.isArray(prompt) && prompt.length > 0 && prompt.every(isMessage);
  if (typeof prompt !== 'string' && !isChat) {
    throw new Gpt2Error('invalid-file', `${place} needs a "prompt": a text, or messages`);
  }
  const kept = {
    prompt,
    ...(typeof model === 'string' && { model }),
    ...(typeof time === 'string' && { time }),
  };
  if (completion !== undefined && typeof label === 'boolean') {
    return { ...kept, completion: answerOf(completion, 'completion', place), label };
  }
  if (chosen !== undefined && rejected !== undefined) {
    return {
      ...kept,
      chosen: answerOf(chosen, 'chosen', place),
      rejected: answerOf(rejected, 'rejected', place),
    };
  }
  const right = '"chosen" and "rejected", or "completion" and "label", which is true or false';
  throw new Gpt2Error('invalid-file', `${place} needs ${right}`);
}

/** A text, or the content of the only message. */
function answerOf(value: unknown, key: string, place: string): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length === 1 && isMessage(value[0])) return value[0].content;
  throw new Gpt2Error('invalid-file', `${place} has a "${key}" that is no text and no message`);
}

const isMessage = (value: unknown): value is FeedbackMessage =>
  isJsonObject(value) && typeof value.role === 'string' && typeof value.content === 'string';

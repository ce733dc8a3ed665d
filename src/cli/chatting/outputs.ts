import { counted } from '../../base/counted.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import type { ChatOutput } from './chat_loop.js';
import type { Answer } from './dialogue.js';

function noteDropped(answer: Answer | undefined): void {
  const dropped = answer?.dropped ?? 0;
  if (dropped <= 0) return;
  const what =
    dropped === 1
      ? 'the oldest message and its answer are'
      : `the oldest ${dropped} messages and answers are`;
  note(`the context is full: ${what} no longer read`);
}

/** Answers as text on stdout. */
export function textOutput(quiet: boolean): ChatOutput {
  const text = new TextOutput();
  let length = 0;
  return {
    note,
    async write(piece) {
      length += piece.length;
      await text.write(piece);
    },
    async end(answer) {
      // An empty answer is a line too.
      if (answer !== undefined && length === 0) await text.write('\n');
      length = 0;
      await text.endLine();
      if (!quiet) noteDropped(answer);
    },
  };
}

/** Answers as lines of JSON on stdout. */
export function jsonOutput(quiet: boolean): ChatOutput {
  return {
    note,
    async write() {},
    async end(answer) {
      if (answer === undefined) return;
      const { text: content, completion, dropped } = answer;
      const { finishReason, usage, timings, seed } = completion;
      await writeJson({
        message: { role: 'assistant', content },
        finishReason,
        usage,
        timings,
        seed,
        dropped,
      });
      if (!quiet) noteDropped(answer);
    },
  };
}

/** A line that says how much of a dialogue there is. */
export const dialogueSize = (answers: number): string =>
  answers === 0 ? 'a new dialogue' : `${counted(answers, 'answer')} so far`;

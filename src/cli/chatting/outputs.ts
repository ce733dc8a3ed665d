import { counted } from '../../base/counted.js';
import { withoutControls } from '../../base/visible_text.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import type { ChatOutput } from './chat_loop.js';
import type { Answer } from './dialogue.js';

/** Shows notes without what a terminal would obey: they repeat what was typed. */
const shownNote = (text: string): void => note(withoutControls(text));

function noteDropped(answer: Answer | undefined): void {
  const dropped = answer?.dropped ?? 0;
  if (dropped <= 0) return;
  const what =
    dropped === 1
      ? 'the oldest message and its answer are'
      : `the oldest ${dropped} messages and answers are`;
  shownNote(`the context is full: ${what} no longer read`);
}

/** Answers as text on stdout. */
export function textOutput(isTerminal: boolean, quiet: boolean): ChatOutput {
  const text = new TextOutput();
  let length = 0;
  return {
    note: shownNote,
    async write(piece) {
      length += piece.length;
      await text.write(isTerminal ? withoutControls(piece) : piece);
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
    note: shownNote,
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

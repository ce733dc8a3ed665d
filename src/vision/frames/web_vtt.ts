import { checkArray } from '../../base/check_lists.js';
import { invalidOption } from '../../base/check_options.js';
import type { Cue } from './frame.js';

const LATEST = 360_000;

/**
 * Cues as a WebVTT file (W3C), for a `<track>` beside a video: times in milliseconds, markup characters
 * escaped, the text of a cue in one line. Cues without text are left out. Throws `invalid-option`.
 */
export function webVtt(cues: readonly Pick<Cue, 'start' | 'end' | 'text'>[]): string {
  checkArray('cues', cues, 'an array of cues', (cue) => typeof cue === 'object' && cue !== null);
  const blocks = cues.flatMap(({ start, end, text }, i) => {
    const name = `cues[${i}]`;
    checkTime(`${name}.start`, start);
    checkTime(`${name}.end`, end);
    if (end <= start) throw invalidOption(`${name}.end`, end, `more than its start, ${start}`);
    if (typeof text !== 'string') throw invalidOption(`${name}.text`, text, 'a string');
    const line = text.trim().replace(/\s+/g, ' ');
    if (line === '') return [];
    const from = Math.round(1000 * start);
    // A cue that is shorter than a millisecond would end when it begins.
    const to = Math.max(from + 1, Math.round(1000 * end));
    return [`\n${clock(from)} --> ${clock(to)}\n${escaped(line)}\n`];
  });
  return `WEBVTT\n${blocks.join('')}`;
}

function checkTime(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value < LATEST) return;
  throw invalidOption(name, value, `seconds, from 0 to less than ${LATEST}`);
}

/** "00:01:02.345" */
function clock(ms: number): string {
  const digits = (value: number, count: number) => String(Math.floor(value)).padStart(count, '0');
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [seconds / 3600, (seconds / 60) % 60];
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds % 60, 2)}.${digits(ms % 1000, 3)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import { withoutControls } from '../../base/visible_text.js';
import type { Caption } from '../../vision/caption.js';
import type { Cue } from '../../vision/frames/frame.js';

/** The lines of an image: one for each choice, with the name of the image if there are several. */
export function captionRows(name: string | undefined, { choices }: Caption): string {
  const place = name === undefined ? '' : `${name}\t`;
  return choices.map(({ text }) => `${place}${oneLine(text)}\n`).join('');
}

/** The line of a cue: the seconds at which it begins and ends, and its text. */
export function cueRow({ start, end, text }: Cue): string {
  return `${start.toFixed(3)}\t${end.toFixed(3)}\t${oneLine(text)}\n`;
}

export function cueJson({ caption, ...cue }: Cue): object {
  return { ...cue, tokens: caption.tokens };
}

const oneLine = (text: string) => withoutControls(text.trim().replace(/\s+/g, ' '));

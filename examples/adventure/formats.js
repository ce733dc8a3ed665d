// The forms of what the model writes into the story, and the words that it does not use.

/** A character inside a sentence; an apostrophe stands between letters. */
const INSIDE = `(?:[^'".!?\\n]|[a-z]'[a-z])`;
const SPEECH = `"[A-Z][^"\\n]{1,100}`;
const TOLD = ` [A-Z]${INSIDE}{3,120}(?:[.!?]|, ${SPEECH}[.!?]")`;
const SAID = ` ${SPEECH}[.,!?]"(?: [a-zA-Z]${INSIDE}{2,80}[.])?`;
const SENTENCE = `(?:${TOLD}|${SAID})`;

/** Two or three sentences. */
export const PARAGRAPH = { regex: `${SENTENCE}{2,3}` };

/** One or two sentences, and one that brings something new. */
export const TWIST = { regex: `${SENTENCE}{1,2} (?:Suddenly|Just then|But then), ${INSIDE}{5,120}[.!?]` };

/** How the last paragraph goes on after "In the end,". */
export const ENDING = { regex: ` ${INSIDE}{5,120}[.!](?:${TOLD}){1,2}` };

/** What the hero decides to do: " open the box." */
export const ACTION = { regex: ' [a-z]+(?: [a-z]+){1,11}[.]' };

/** Words that the story never has. */
export const UNKIND = [
  ...['blood', 'dead', 'death', 'die', 'died', 'fight', 'gun', 'hate', 'hit', 'hurt', 'kill'],
  ...['killed', 'knife', 'punch', 'shoot', 'shot', 'stupid', 'ugly', 'war'],
];

/** Words that would end the story or leave it open: it has them only in its last paragraph. */
export const CLOSING = [
  ...['always', 'best friends', 'ever', 'happily', 'learned', 'lesson', 'moral', 'the end'],
  ...['all day', 'every day', 'all night', 'every night', 'something', 'unexpected'],
];

/** Words that the last paragraph does not have. */
export const UNHAPPY = ['sad', 'scared', 'lonely', 'angry'];

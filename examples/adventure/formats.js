// The forms of what the model writes into the story, and the words that it does not use.

const ENDING_IN_SPEECH = '"[^"\\n]{1,100}[.!?]"';
const TOLD = ` [A-Z][^".!?\\n]{3,120}(?:[.!?]|, ${ENDING_IN_SPEECH})`;
const SAID = ` "[A-Z][^"\\n]{1,100}[.,!?]"(?: [a-zA-Z][^".!?\\n]{2,80}[.])?`;

const SENTENCE = `(?:${TOLD}|${SAID})`;

/** Two or three sentences. */
export const PARAGRAPH = { regex: `${SENTENCE}{2,3}` };

/** One or two sentences, and one that brings something new. */
export const TWIST = { regex: `${SENTENCE}{1,2} (?:Suddenly|Just then|But then), [^".!?\\n]{5,120}[.!?]` };

/** How the last paragraph goes on after "In the end,". */
export const ENDING = { regex: ` [^".!?\\n]{5,120}[.!](?:${TOLD}){1,2}` };

/** What the hero decides to do: " open the box." */
export const ACTION = { regex: ' [a-z]+(?: [a-z]+){1,11}[.]' };

/** Words that the story never has. */
export const UNKIND = [
  ...['blood', 'dead', 'death', 'destroyed', 'die', 'died', 'fight', 'gun', 'hate', 'hit', 'hurt', 'kill'],
  ...['killed', 'knife', 'punch', 'shoot', 'shot', 'stupid', 'ugly', 'war'],
];

/** Words that would end the story or leave it open: it has them only in its last paragraph. */
export const CLOSING = [
  ...['always', 'best friends', 'ever', 'from that', 'from then', 'happily', 'learned', 'lesson', 'moral'],
  ...['the end', 'all day', 'every day', 'all night', 'every night', 'unexpected'],
];

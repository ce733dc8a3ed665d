import { withoutControls } from '../../base/visible_text.js';
import type { Answer, LabelScore, TaggedSpan } from '../../model/heads/types.js';

const shown = (text: string) => withoutControls(text.replace(/\s+/g, ' '));
const place = ({ start, end }: { readonly start: number; readonly end: number }) => `${start}-${end}`;

/** The rows of a text by task, with tabs for `sort` and `cut -f`: labels and numbers first. */
export const taskRows = {
  classify: (labels: readonly LabelScore[]) =>
    labels.map(({ label, score }) => [shown(label), score.toFixed(4)].join('\t')),
  tag: (spans: readonly TaggedSpan[]) =>
    spans.map((span) => [shown(span.label), span.score.toFixed(4), place(span), shown(span.text)].join('\t')),
  answer: (answers: readonly Pick<Answer, 'text' | 'score' | 'start' | 'end'>[]) =>
    answers.map((answer) => [answer.score.toFixed(4), place(answer), shown(answer.text)].join('\t')),
  reward: (reward: number) => [reward.toFixed(4)],
};

import type { FewShotResult } from '../../examine/few_shot/results.js';

/** The accuracy of a task and its confusion table, as lines with tabs; `title` names the way of classifying. */
export function taskTable(title: string, { accuracy, majority, labels, confusion }: FewShotResult): string {
  const { share, count, total, interval } = accuracy;
  const [low, high] = interval;
  const figures = `${share.toFixed(4)} (${count} of ${total}; 95 %: ${low.toFixed(4)} to ${high.toFixed(4)})`;
  const rows = labels.map((label, i) => [label, ...confusion[i]!].join('\t'));
  return [
    `# ${title}`,
    `accuracy\t${figures}`,
    `most frequent label\t${majority.toFixed(4)}`,
    ['label \\ found', ...labels].join('\t'),
    ...rows,
    '',
  ].join('\n');
}

import { METRICS, type MetricName, type Reading } from './metrics.js';
import { judge, LEAST_POINTS, type Verdict } from './verdict.js';

/** The acts and readings of a part. */
export interface PartRecord {
  readonly name: string;
  readonly readings: { readonly hours: number; readonly reading: Reading }[];
  readonly wrong: string[];
  acts: Readonly<Record<string, number>>;
}

export interface PartResult {
  readonly name: string;
  readonly acts: Readonly<Record<string, number>>;
  readonly readings: number;
  readonly wrong: readonly string[];
  readonly verdicts: Readonly<Partial<Record<MetricName, Verdict>>>;
  readonly isFlat: boolean;
}

/** Judges all numbers of a part. A part with too few readings is not flat. */
export function resultOf({ name, acts, readings, wrong }: PartRecord): PartResult {
  const verdicts: Partial<Record<MetricName, Verdict>> = {};
  for (const metric of Object.keys(METRICS) as MetricName[]) {
    const points = readings
      .filter(({ reading }) => reading[metric] !== undefined)
      .map(({ hours, reading }) => ({ hours, value: reading[metric]! }));
    const verdict = judge(points, METRICS[metric]);
    if (verdict !== undefined) verdicts[metric] = verdict;
  }
  const all = Object.values(verdicts);
  const isFlat = all.length > 0 && all.every((verdict) => verdict.isFlat);
  return { name, acts, readings: readings.length, wrong, verdicts, isFlat };
}

export const actCount = (acts: Readonly<Record<string, number>>): number =>
  Object.values(acts).reduce((sum, count) => sum + count, 0);

const shown = (value: number, isBytes: boolean) =>
  isBytes ? `${(value / 2 ** 20).toFixed(1)} MiB` : String(Number(value.toFixed(1)));

/** A table for documents, and a line for each part. */
export function reportOf(results: readonly PartResult[]): string {
  const lines = [
    '| part | number | second quarter | last quarter | an hour | |',
    '|---|---|---:|---:|---:|---|',
  ];
  for (const { name, verdicts } of results) {
    for (const [metric, { isFlat, second, last, perHour }] of Object.entries(verdicts)) {
      const { title, isBytes } = METRICS[metric as MetricName];
      const [from, to, slope] = [second, last, perHour].map((value) => shown(value, isBytes));
      lines.push(
        `| ${name} | ${title} | ${from} | ${to} | ${perHour > 0 ? '+' : ''}${slope} | ${isFlat ? 'flat' : '**grows**'} |`,
      );
    }
  }
  return [...lines, '', ...results.map(sentenceOf)].join('\n');
}

function sentenceOf({ name, acts, readings, wrong, verdicts, isFlat }: PartResult): string {
  const counts = Object.entries(acts).map(([act, count]) => `${act} ${count}`);
  const grown = Object.entries(verdicts).filter(([, verdict]) => !verdict.isFlat);
  const titles = grown.map(([metric]) => METRICS[metric as MetricName].title);
  const stays =
    Object.keys(verdicts).length === 0
      ? `too few readings to judge (${readings}, of ${LEAST_POINTS})`
      : isFlat
        ? `${readings} readings, all flat`
        : `${readings} readings, growing: ${titles.join(', ')}`;
  return `- ${name}: ${actCount(acts)} acts (${counts.join(', ')}), ${wrong.length} wrong; ${stays}.`;
}

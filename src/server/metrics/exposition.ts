/** A number with what it is about. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric with all its samples, as plain data. The suffix of most samples is empty. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly (readonly [suffix: string, ...Sample])[];
}

/**
 * Metrics in Prometheus' text format 0.0.4. Written here, since prom-client needs Node's modules, and this server runs
 * without them.
 */
export function exposition(families: Iterable<Family>): string {
  let text = '';
  for (const { name, type, help, samples } of families) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const [suffix, labels, value] of samples) text += `${name}${suffix}${textOf(labels)} ${value}\n`;
  }
  return text;
}

/**
 * The metrics of several processes as one list, each sample with the label `worker`. They are not added up: Prometheus
 * would take a sum that falls when a process ends for a counter that began again, and count the rest twice.
 */
export function ofWorkers(all: Iterable<readonly [worker: string, families: readonly Family[]]>): Family[] {
  const merged = new Map<string, Family>();
  for (const [worker, families] of all) {
    for (const family of families) {
      const samples = family.samples.map(
        ([suffix, labels, value]) => [suffix, { ...labels, worker }, value] as const,
      );
      const { samples: before = [] } = merged.get(family.name) ?? {};
      merged.set(family.name, { ...family, samples: [...before, ...samples] });
    }
  }
  return [...merged.values()];
}

function textOf(labels: Sample[0]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

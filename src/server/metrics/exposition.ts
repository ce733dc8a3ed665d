/** A number with what it is about. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/**
 * A metric in Prometheus' text format 0.0.4. Written here, since prom-client needs Node's modules, and this server runs
 * without them.
 */
export function exposed(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: Iterable<readonly [suffix: string, ...Sample]>,
): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const [suffix, labels, value] of samples) lines.push(`${name}${suffix}${textOf(labels)} ${value}`);
  return `${lines.join('\n')}\n`;
}

function textOf(labels: Sample[0]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

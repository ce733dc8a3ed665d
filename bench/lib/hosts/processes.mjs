import { readdirSync, readFileSync } from 'node:fs';

/**
 * Megabytes of the largest peak of resident memory among the renderer processes below process `pid`;
 * `undefined` if the system has no /proc.
 */
export function peakOfRenderer(pid) {
  if (process.platform !== 'linux') return undefined;
  const peaks = descendants(pid)
    .filter((id) => read(`/proc/${id}/cmdline`).includes('--type=renderer'))
    .map((id) => Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${id}/status`))?.[1] ?? 0) / 1024);
  return Math.max(...peaks);
}

function descendants(pid) {
  const children = new Map();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(/^\d+ \(.*\) \S (\d+)/s.exec(read(`/proc/${id}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(id)]);
  }
  const found = [];
  for (const next = [pid]; next.length > 0; ) {
    const below = children.get(next.pop()) ?? [];
    found.push(...below);
    next.push(...below);
  }
  return found;
}

/** A process may have ended since its name was read. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { humanBytes } from '../../base/human_bytes.js';
import { visibleText } from '../../base/visible_text.js';
import type { AdapterInfo } from '../../checkpoints/peft/describe_adapter.js';

const RUNS: Readonly<Record<AdapterInfo['runs'], string>> = {
  beside: 'beside the weights of its base model, or merged into them: --adapter',
  merged: 'merged into the weights of its base model: --adapter of all commands but serve',
  prompt: 'vectors before a text: loadSoftPrompt in a program',
  refused: 'refused',
};

/** The lines that describe an adapter. */
export function adapterRows(name: string, info: AdapterInfo): (readonly [label: string, value: string])[] {
  const { kind, baseModel, rank, alpha, changes, parameters, storedBytes, runs, reason } = info;
  const places = Object.entries(changes).map(([place, count]) => (count > 1 ? `${place} (${count})` : place));
  const rows: (readonly [label: string, value: string])[] = [
    ['Adapter', name],
    ['Kind', kind],
    ['Base model', baseModel ?? 'not named'],
    ...(rank === null ? [] : [['Rank', String(rank)] as const]),
    ...(alpha === null ? [] : [['Alpha', String(alpha)] as const]),
    ...places.map((place, i) => [i === 0 ? 'Changes' : '', place] as const),
    ['Parameters', String(parameters)],
    ['On disk', humanBytes(storedBytes)],
    ['Runs', reason ?? RUNS[runs]],
  ];
  // Names and settings are those of a file.
  return rows.map(([label, value]) => [label, visibleText(value)]);
}

import type { LogitAttribution } from './results.js';

/** A part of a logit. */
export interface AttributionRow {
  readonly name: string;
  /** What it adds. */
  readonly value: number;
  /** 1 for a head or a bias, which is part of the row of its attention; 0 for all others, which sum to the logit. */
  readonly depth: 0 | 1;
}

/** The parts of a logit in the order in which they are computed. */
export function attributionRows(attribution: LogitAttribution): AttributionRow[] {
  const { embedding, positionEmbedding, layers, bias, remainder } = attribution;
  const row = (name: string, value: number, depth: 0 | 1 = 0): AttributionRow => ({ name, value, depth });
  return [
    row('token embedding', embedding),
    row('position embedding', positionEmbedding),
    ...layers.flatMap(({ attention, heads, attentionBias, mlp }, layer) => [
      row(`layer ${layer}, attention`, attention),
      ...heads.map((head, i) => row(`head ${layer}.${i}`, head, 1)),
      row(`bias of attention ${layer}`, attentionBias, 1),
      row(`layer ${layer}, MLP`, mlp),
    ]),
    row('bias of the last layer norm', bias),
    row('rounding', remainder),
  ];
}

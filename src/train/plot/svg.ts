import { invalidOption } from '../../base/check_options.js';
import { escapeText } from '../../base/markup.js';
import {
  type Bounds,
  boundsOf,
  drawable,
  type LossCurve,
  type LossPoint,
  severalTicks,
  thinned,
  tickText,
  wholeTicks,
} from './loss_curve.js';

/** Size of a drawing in its own units, and the space above its axes. */
export interface CurveFrame {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  /** Name and unit of the losses. Default: nats per token. */
  readonly lossLabel?: string;
}

const NATS_PER_TOKEN = 'loss (nats per token)';
const FRAME: CurveFrame = { width: 800, height: 450, top: 60 };
/** Space beside and below the axes. */
const LEFT = 70;
const RIGHT = 20;
const BOTTOM = 55;
/** Approximate distance of two numbers of an axis. */
const TICK_WIDTH = 90;
const TICK_HEIGHT = 60;
/** Limit of the points of a line, one for about each unit of the width. */
const MOST_POINTS = 700;

const STYLE = `
  svg { color-scheme: light dark; --paper: #fff; --ink: #222; --grid: #ddd; --training: #1d4ed8; --validation: #b45309 }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #161616; --ink: #e8e8e8; --grid: #3a3a3a; --training: #7aa8ff; --validation: #fbbf24 }
  }
  text { font: 14px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 18px }
  .grid { stroke: var(--grid) }
  .axis { stroke: var(--ink) }
  .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
  .training { stroke: var(--training) }
  .validation { stroke: var(--validation); fill: var(--validation) }
  .validation.line { fill: none }
`;

/**
 * The curve as a standalone SVG document, legible on light and dark. `lossLabel` names the losses and their unit beside the
 * axis: nats per token if it is not given.
 */
export function lossCurveSvg(curve: LossCurve, title = 'Loss', lossLabel = NATS_PER_TOKEN): string {
  if (typeof title !== 'string') throw invalidOption('title', title, 'a string');
  if (typeof lossLabel !== 'string') throw invalidOption('lossLabel', lossLabel, 'a string');
  const { width, height } = FRAME;
  const name = escapeText(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${name}</title>
<style>${STYLE}</style>
<rect width="${width}" height="${height}" fill="var(--paper)"/>
<text class="title" x="${LEFT}" y="28">${name}</text>
${legend(drawable(curve))}
${lossCurveElements(curve, { ...FRAME, lossLabel: escapeText(lossLabel) })}
</svg>
`;
}

/** Axes and lines as content of an SVG element, whose page styles their classes. */
export function lossCurveElements(curve: LossCurve, frame: CurveFrame): string {
  const { training, validation } = drawable(curve);
  const bounds = boundsOf({ training, validation });
  const place = placing(bounds, frame);
  const line = (name: string, points: readonly LossPoint[]) =>
    points.length === 0
      ? ''
      : `<polyline class="line ${name}" points="${points.map((point) => place(point).join()).join(' ')}"/>`;
  const held = thinned(validation, MOST_POINTS, bounds);
  const marks = held.map((point) => {
    const [x, y] = place(point);
    return `<circle class="validation" cx="${x}" cy="${y}" r="3"/>`;
  });
  return `${axes(bounds, place, frame)}
${line('training', thinned(training, MOST_POINTS, bounds))}
${line('validation', held)}
${marks.join('\n')}`;
}

type Place = (point: LossPoint) => [x: number, y: number];

/** Maps points to coordinates, rounded to a hundredth. */
function placing(
  { firstStep, lastStep, lowest, highest }: Bounds,
  { width, height, top }: CurveFrame,
): Place {
  const round = (value: number) => Math.round(100 * value) / 100;
  return ({ step, loss }) => [
    round(LEFT + ((step - firstStep) / (lastStep - firstStep)) * (width - LEFT - RIGHT)),
    round(top + ((highest - loss) / (highest - lowest)) * (height - top - BOTTOM)),
  ];
}

function axes(
  bounds: Bounds,
  place: Place,
  { width, height, top, lossLabel = NATS_PER_TOKEN }: CurveFrame,
): string {
  const { firstStep, lastStep, lowest, highest } = bounds;
  const bottom = height - BOTTOM;
  const right = width - RIGHT;
  const losses = severalTicks(lowest, highest, Math.ceil((bottom - top) / TICK_HEIGHT)).map((loss) => {
    const [, y] = place({ step: firstStep, loss });
    return `<line class="grid" x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}"/>
<text x="${LEFT - 8}" y="${y + 5}" text-anchor="end">${tickText(loss)}</text>`;
  });
  const steps = wholeTicks(firstStep, lastStep, Math.ceil((right - LEFT) / TICK_WIDTH)).map((step) => {
    const [x] = place({ step, loss: lowest });
    return `<line class="axis" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}"/>
<text x="${x}" y="${bottom + 21}" text-anchor="middle">${tickText(step)}</text>`;
  });
  return `${losses.join('\n')}
<path class="axis" fill="none" d="M${LEFT} ${top}V${bottom}H${right}"/>
${steps.join('\n')}
<text x="${(LEFT + right) / 2}" y="${height - 12}" text-anchor="middle">step</text>
<text transform="translate(18 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${lossLabel}</text>`;
}

function legend({ training, validation }: LossCurve): string {
  const entry = (name: string, points: readonly LossPoint[], x: number) => {
    const last = points.at(-1);
    if (last === undefined) return '';
    return `<line class="line ${name}" x1="${x}" x2="${x + 24}" y1="43" y2="43"/>
<text x="${x + 30}" y="48">${name} ${last.loss.toFixed(4)}</text>`;
  };
  return [entry('training', training, LEFT), entry('validation', validation, LEFT + 190)].join('\n');
}

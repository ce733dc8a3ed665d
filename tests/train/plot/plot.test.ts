import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LossCurve, type LossPoint, thinned, ticks } from '../../../src/train/plot/loss_curve.js';
import { lossCurveElements, lossCurveSvg } from '../../../src/train/plot/svg.js';
import { lossCurveText } from '../../../src/train/plot/terminal.js';
import { randomSource } from '../../support/random.js';

type Random = ReturnType<typeof randomSource>;

/** A random run, some of whose losses are not finite. */
function randomCurve(random: Random): LossCurve {
  const scale = 10 ** (random.below(8) - 4);
  const first = random.pick([0, 1, 5000]);
  const points = (count: number, every: number): LossPoint[] =>
    Array.from({ length: count }, (_, i) => ({
      step: first + (i + 1) * every,
      loss:
        random.uniform() < 0.02
          ? random.pick([Number.NaN, Number.POSITIVE_INFINITY])
          : scale * random.uniform(),
    }));
  return {
    training: points(random.pick([0, 1, 2, 50, 3000]), 1 + random.below(3)),
    validation: points(random.pick([0, 1, 9]), 1 + random.below(400)),
  };
}

const finite = (points: readonly LossPoint[]) => points.filter(({ loss }) => Number.isFinite(loss));

test('ticks are round numbers within the bounds', () => {
  const random = randomSource(1001);
  for (let round = 0; round < 2000; round++) {
    const low = (random.uniform() - 0.5) * 10 ** (random.below(9) - 4);
    const high = low + (random.uniform() + 1e-3) * 10 ** (random.below(9) - 4);
    const most = 2 + random.below(8);
    const found = ticks(low, high, most);
    const slack = (high - low) * 1e-6;
    assert.ok(found.length <= most + 1, `${low} to ${high}: ${found}`);
    assert.ok(found.every((tick) => tick >= low - slack && tick <= high + slack));
    if (found.length < 2) continue;
    const unit = found[1]! - found[0]!;
    const digit = Number((unit / 10 ** Math.floor(Math.log10(unit) + 1e-6)).toPrecision(3));
    assert.ok([1, 2, 5].includes(digit), `${unit}`);
    // No further tick would have had room.
    assert.ok(found[0]! - unit < low && found.at(-1)! + unit > high);
  }
});

test('a curve of few steps or of little change has whole steps and two gridlines or more', () => {
  const random = randomSource(1004);
  for (let round = 0; round < 500; round++) {
    const count = 1 + random.below(6);
    const level = 5 * random.uniform();
    const spread = random.pick([0, 1e-4, 0.3, 1, 4]);
    const training = Array.from({ length: count }, (_, i) => ({
      step: i + 1,
      loss: level + spread * random.uniform(),
    }));
    const frame = { width: random.pick([280, 700]), height: 240, top: 12 };
    const svg = lossCurveElements({ training, validation: [] }, frame);
    assert.ok([...svg.matchAll(/class="grid"/g)].length >= 2, svg);
    const steps = [...svg.matchAll(/text-anchor="middle">([\d.]+)</g)].map(([, text]) => Number(text));
    assert.ok(steps.length >= 2 && steps.every(Number.isInteger), `${count}: ${steps}`);
  }
});

test('thinning keeps the mean of every range of steps', () => {
  const bounds = { firstStep: 0, lastStep: 100, lowest: 0, highest: 1 };
  const points = Array.from({ length: 101 }, (_, step) => ({ step, loss: step % 10 }));
  const means = thinned(points, 10, bounds);
  assert.equal(
    means.slice(0, 10),
    Array.from({ length: 10 }, (_, i) => ({ step: 10 * i + 4.5, loss: 4.5 })),
  );
  assert.equal(thinned([], 10, bounds), []);
});

test('text stays within the columns, and has no colour codes without colours', () => {
  const random = randomSource(1002);
  for (let round = 0; round < 200; round++) {
    const curve = randomCurve(random);
    const columns = random.pick([10, 40, 80, 200]);
    const rows = 4 + random.below(12);
    const text = lossCurveText(curve, { columns, rows, colors: false });
    if (finite(curve.training).length + finite(curve.validation).length === 0) {
      assert.is(text, '');
      continue;
    }
    const lines = text.split('\n');
    assert.ok(lines.length === rows + 3 || lines.length === rows + 4);
    assert.not.match(text, '\u001b');
    for (const line of lines) {
      assert.ok(line.length <= Math.max(30, columns), `${columns}: ${line}`);
    }
    const colored = lossCurveText(curve, { columns, rows, colors: true });
    assert.is(stripVTControlCharacters(colored), text.replace(/ +$/gm, ''));
  }
});

test('the legend stays within any number of columns, on one line as soon as it fits', () => {
  const [training, validation] = [[{ step: 1, loss: 2 }], [{ step: 1, loss: 3 }]];
  for (let columns = 30; columns < 90; columns++) {
    const lines = lossCurveText({ training, validation }, { columns, rows: 4, colors: false }).split('\n');
    const legend = lines.slice(5, -1);
    const [first, ...rest] = legend.map((line) => line.trim());
    const oneLine = [first, ...rest].join(rest.length > 0 ? '   ' : '');
    const indent = legend[0]!.length - legend[0]!.trimStart().length;
    assert.is(rest.length, oneLine.length + indent > columns ? 1 : 0, `${columns}: ${oneLine}`);
    for (const line of lines) assert.ok(line.length <= columns, `${columns}: ${line}`);
  }
});

test('a falling loss falls from the upper left to the lower right', () => {
  const training = Array.from({ length: 500 }, (_, step) => ({ step, loss: 5 - step / 100 }));
  const lines = lossCurveText({ training, validation: [] }, { columns: 60, rows: 10, colors: false }).split(
    '\n',
  );
  const places = lines.slice(0, 10).map((line) => {
    const dots = [...line].flatMap((character, x) =>
      character > '\u2800' && character <= '\u28ff' ? [x] : [],
    );
    return [Math.min(...dots), Math.max(...dots)];
  });
  for (let y = 1; y < 10; y++) {
    assert.ok(
      places[y]![0]! >= places[y - 1]![0]! && places[y]![0]! <= places[y - 1]![1]! + 1,
      lines.join('\n'),
    );
  }
  assert.is(places[0]![0], 3);
  assert.is(places[9]![1], 59);
  assert.match(lines[10]!, /^ +└step 0 ─+ 499$/);
  assert.match(lines[11]!, 'training 0.0100');
  assert.not.match(lines[11]!, 'validation');
});

test('validation marks are at their steps and losses', () => {
  const validation = [
    { step: 0, loss: 2 },
    { step: 50, loss: 1.5 },
    { step: 100, loss: 1 },
  ];
  const lines = lossCurveText({ training: [], validation }, { columns: 60, rows: 9, colors: false }).split(
    '\n',
  );
  const marks = lines
    .slice(0, 9)
    .flatMap((line, y) => [...line].flatMap((mark, x) => (mark === '●' ? [[x, y]] : [])));
  const [first, middle, last] = marks as [number[], number[], number[]];
  assert.is(marks.length, 3);
  assert.equal([first[1], middle[1], last[1]], [0, 4, 8]);
  assert.is(last[0], 59);
  assert.ok(Math.abs(middle[0]! - (first[0]! + last[0]!) / 2) <= 1);
});

/** Checks that elements are closed in order and gives all start tags. */
function tagsOf(svg: string): string[] {
  const open: string[] = [];
  const tags: string[] = [];
  const text = svg.replace(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>/gi,
    (tag, end, name, _, alone) => {
      if (end) assert.is(open.pop(), name);
      else if (!alone) open.push(name);
      if (!end) tags.push(tag);
      return '';
    },
  );
  assert.equal(open, []);
  assert.not.match(text, '<');
  return tags;
}

test('SVG is well-formed, and every point lies between the axes', () => {
  const random = randomSource(1003);
  for (let round = 0; round < 100; round++) {
    const curve = randomCurve(random);
    const svg = lossCurveSvg(curve, random.pick(['Loss', 'a < b & "c" > d\u0000']));
    const tags = tagsOf(svg);
    assert.not.match(svg, /NaN|Infinity|undefined/);
    for (const name of ['training', 'validation'] as const) {
      const line = tags.find((tag) => tag.startsWith(`<polyline class="line ${name}"`));
      const expected = finite(curve[name]);
      assert.is(line !== undefined, expected.length > 0);
      if (line === undefined) continue;
      const points = /points="([^"]*)"/
        .exec(line)![1]!
        .split(' ')
        .map((pair) => pair.split(',').map(Number));
      assert.ok(points.length <= Math.min(expected.length, 701));
      for (const [x, y] of points) assert.ok(x! >= 70 && x! <= 780 && y! >= 60 && y! <= 395, `${x}, ${y}`);
      assert.equal(
        points.map(([x]) => x),
        points.map(([x]) => x!).sort((a, b) => a - b),
      );
      assert.match(svg, `${name} ${expected.at(-1)!.loss.toFixed(4)}`);
    }
  }
});

test('a page draws the same curve in its own size and style', () => {
  const training = Array.from({ length: 30 }, (_, i) => ({ step: i + 1, loss: 4 - Math.sqrt(i) / 4 }));
  const curve = { training, validation: [training[9]!, training[19]!] };
  const elements = lossCurveElements(curve, { width: 300, height: 200, top: 10 });
  assert.not.match(elements, /<style|style=/);
  const numbers = [...elements.matchAll(/(?:points|x1|x2|cx)="([^"]+)"/g)].flatMap(([, list]) =>
    list!.split(' ').map((pair) => Number(pair.split(',')[0])),
  );
  assert.ok(numbers.length > 30 && numbers.every((x) => x >= 0 && x <= 300));
  const ticks = [...elements.matchAll(/text-anchor="middle">(\d+)</g)];
  assert.ok(ticks.length >= 2 && ticks.length <= 4, 'a narrow axis has few numbers');
});

test('the ends of a curve are at the corners of the axes', () => {
  const svg = lossCurveSvg({
    training: [
      { step: 1, loss: 3 },
      { step: 9, loss: 1 },
    ],
    validation: [],
  });
  assert.match(svg, 'points="70,60 780,395"');
  assert.match(svg, 'prefers-color-scheme: dark');
});

test('curves without a round number between their losses, of tiny and of enormous ranges are drawn', () => {
  for (const [first, last] of [
    [0.53, 0.95],
    [0, 5e-324],
    [3, 3 + 2 ** -51],
    [-1e308, 1e308],
    [-3e38, 3e38],
  ] as const) {
    const curve = {
      training: [
        { step: 1, loss: first },
        { step: Number.MAX_SAFE_INTEGER, loss: last },
      ],
      validation: [{ step: 2, loss: 1 }],
    };
    for (const rows of [1, 2, 3, 5, 12]) {
      const lines = lossCurveText(curve, { columns: 60, rows, colors: false }).trimEnd().split('\n');
      assert.ok(lines.length >= rows + 2, `${first} to ${last} in ${rows} rows: ${lines.length} lines`);
      for (const line of lines) assert.not.match(line, /NaN|Infinity|undefined/);
    }
    assert.not.match(lossCurveSvg(curve), /NaN|Infinity|undefined/);
  }
});

test('the axis names losses of another kind, in any characters', () => {
  const curve = { training: [{ step: 1, loss: 2 }], validation: [] };
  assert.match(lossCurveSvg(curve), />loss \(nats per token\)</);
  assert.match(lossCurveSvg(curve, 'Loss', 'a < b'), />a &lt; b</);
});

test.run();

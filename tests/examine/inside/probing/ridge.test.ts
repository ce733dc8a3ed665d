import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { foldsOf, rowsOfGroups } from '../../../../src/examine/inside/probing/folds.js';
import { fitRidge, outputsOf, type Table } from '../../../../src/examine/inside/probing/ridge.js';
import { near } from '../../../support/near.js';
import { holds } from '../../../support/property.js';
import { randomSource } from '../../../support/random.js';

const nothing = async () => {};

/** Rows in groups of a size; the last may be smaller. */
const groupsOf = (rows: number, size: number) =>
  rowsOfGroups(Array.from({ length: rows }, (_, row) => Math.floor(row / size)));

function randomTable(random: ReturnType<typeof randomSource>, rows: number, width: number): Table {
  const data = Float64Array.from({ length: rows * width }, () => 4 * random.uniform() - 2);
  return { rows, width, data };
}

/** Solves a linear system by Gauss and Jordan's elimination with the largest pivots. */
function solved(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  rows.forEach((_, i) => {
    const pivot = rows.slice(i).reduce((best, row) => (Math.abs(row[i]!) > Math.abs(best[i]!) ? row : best));
    const place = rows.indexOf(pivot);
    [rows[i], rows[place]] = [rows[place]!, rows[i]!];
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[i]! / pivot[i]!;
      row.forEach((_, j) => {
        row[j]! -= factor * pivot[j]!;
      });
    }
  });
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

/** Weights and intercept of one output, by the normal equations with a column of ones that is not penalized. */
function plainRidge(x: number[][], y: number[], ridge: number): number[] {
  const ones = x.map((row) => [...row, 1]);
  const size = ones[0]!.length;
  const sumOf = (f: (row: number[], i: number) => number) => ones.reduce((sum, row, i) => sum + f(row, i), 0);
  const matrix = Array.from({ length: size }, (_, a) =>
    Array.from(
      { length: size },
      (_, b) => sumOf((row) => row[a]! * row[b]!) + (a === b && a < size - 1 ? ridge : 0),
    ),
  );
  const right = Array.from({ length: size }, (_, a) => sumOf((row, i) => row[a]! * y[i]!));
  return solved(matrix, right);
}

/** The mean squared distance of rows from their mean. */
function scaleOf(x: number[][]): number {
  const means = x[0]!.map((_, c) => x.reduce((sum, row) => sum + row[c]!, 0) / x.length);
  return x.reduce((sum, row) => sum + row.reduce((s, v, c) => s + (v - means[c]!) ** 2, 0), 0) / x.length;
}

const rowsOf = ({ rows, width, data }: Table) =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);

const shapes = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  rows: fc.integer({ min: 3, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  power: fc.integer({ min: -3, max: 2 }),
  size: fc.integer({ min: 1, max: 4 }),
});
const EXAMPLES = [
  { seed: 1, rows: 4, width: 9, outputs: 2, power: -2, size: 1 },
  { seed: 2, rows: 9, width: 4, outputs: 2, power: -2, size: 3 },
  { seed: 3, rows: 6, width: 6, outputs: 1, power: 0, size: 2 },
];

test('a fit has the weights of the normal equations, with fewer rows than features and with more', async () => {
  await holds(
    'ridge',
    shapes,
    async ({ seed, rows, width, outputs, power }) => {
      const random = randomSource(seed);
      const [x, y] = [randomTable(random, rows, width), randomTable(random, rows, outputs)];
      const penalty = 10 ** power;
      const fit = await fitRidge({ features: x, targets: y, groups: groupsOf(rows, 1) }, [penalty], nothing);
      assert.is(fit.penalty, penalty);
      for (let output = 0; output < outputs; output++) {
        const targets = rowsOf(y).map((row) => row[output]!);
        const expected = plainRidge(rowsOf(x), targets, penalty * scaleOf(rowsOf(x)));
        expected.slice(0, -1).forEach((weight, c) => {
          near(fit.weights[output * width + c]!, weight, 1e-7 * (1 + Math.abs(weight)), 'a weight');
        });
        near(fit.intercepts[output]!, expected.at(-1)!, 1e-7, 'the intercept');
        const found = outputsOf(fit, rowsOf(x)[0]!)[output]!;
        const sum = rowsOf(x)[0]!.reduce((s, v, c) => s + v * expected[c]!, expected.at(-1)!);
        near(found, sum, 1e-6, 'an output');
      }
    },
    50,
    EXAMPLES,
  );
});

test('the penalty is the one with the least error on groups of rows that are left out', async () => {
  const penalties = [0.001, 0.01, 0.1, 1, 10];
  await holds(
    'left out',
    shapes,
    async ({ seed, rows, width, outputs, size }) => {
      const random = randomSource(seed);
      const [x, y] = [randomTable(random, rows, width), randomTable(random, rows, outputs)];
      const scale = scaleOf(rowsOf(x));
      const groups = groupsOf(rows, Math.min(size, rows - 1));
      const errors = penalties.map((penalty) => {
        let error = 0;
        for (const left of groups) {
          const others = <T>(all: T[]) => all.filter((_, row) => !left.includes(row));
          for (let output = 0; output < outputs; output++) {
            const targets = rowsOf(y).map((row) => row[output]!);
            const fit = plainRidge(others(rowsOf(x)), others(targets), penalty * scale);
            for (const row of left) {
              const sum = rowsOf(x)[row]!.reduce((s, v, c) => s + v * fit[c]!, fit.at(-1)!);
              error += (sum - targets[row]!) ** 2;
            }
          }
        }
        return error;
      });
      const { penalty } = await fitRidge({ features: x, targets: y, groups }, penalties, nothing);
      // Two penalties may be equally good but for rounding.
      const chosen = errors[penalties.indexOf(penalty)]!;
      assert.ok(
        chosen <= Math.min(...errors) * (1 + 1e-6),
        `${penalty} has ${chosen} of ${errors.join(', ')}`,
      );
    },
    30,
    EXAMPLES,
  );
});

test('features that do not vary give the mean', async () => {
  const x = { rows: 5, width: 3, data: new Float64Array(15).fill(2) };
  const y = { rows: 5, width: 1, data: Float64Array.from([1, 2, 3, 4, 5]) };
  const fit = await fitRidge({ features: x, targets: y, groups: groupsOf(5, 2) }, [0.1, 1], nothing);
  assert.equal([...fit.weights], [0, 0, 0]);
  assert.is(fit.intercepts[0], 3);
});

test('folds divide every class evenly, and the same seed gives the same folds', () => {
  for (const seed of [0, 1, 2 ** 40]) {
    const classes = Array.from({ length: 43 }, (_, i) => (i % 7 === 0 ? 2 : i % 2));
    const rows = groupsOf(43, 1);
    const folds = foldsOf(rows, classes, 5, seed);
    assert.equal(foldsOf(rows, classes, 5, seed), folds);
    for (const kind of [0, 1, 2]) {
      const counts = [0, 1, 2, 3, 4].map(
        (fold) => classes.filter((c, i) => c === kind && folds[i] === fold).length,
      );
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    }
  }
  const same = new Array(40).fill(0);
  assert.not.equal(foldsOf(groupsOf(40, 1), same, 5, 1), foldsOf(groupsOf(40, 1), same, 5, 2));
});

test.run();

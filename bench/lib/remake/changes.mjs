// Figures of two bodies of a block that differ by more than chance.

/** A figure without a spread counts as changed from this share on. */
const LEAST_CHANGE = 0.1;

/** Columns of numbers that name a row. */
const NAMES = ['threads', 'sequences', 'B', 'tokens'];

const FIGURE = /^(?<median>\d[\d.]*)(?: \((?<least>[\d.]+) to (?<most>[\d.]+)\))?(?: %| x)?$/;

/** A line for each figure that changed: those with spreads if these do not overlap. */
export function changes(before, after) {
  const [old, now] = [tablesOf(before), tablesOf(after)];
  return now.flatMap(({ columns, rows }) => {
    const same = old.find((table) => table.columns.join() === columns.join());
    if (same === undefined) return [`new table: ${columns.join(' | ')}`];
    // Rows have the same order in every run; names change with versions.
    return rows.flatMap((row, i) => changesOfRow(columns, same.rows[i], row));
  });
}

function changesOfRow(columns, before, after) {
  const name = (row) => row.filter((cell, i) => NAMES.includes(columns[i]) || !FIGURE.test(cell)).join(' ');
  if (before === undefined || name(before) !== name(after)) return [`new row: ${after.join(' | ')}`];
  return after.flatMap((cell, i) => {
    const [old, now] = [FIGURE.exec(before[i])?.groups, FIGURE.exec(cell)?.groups];
    if (old === undefined || now === undefined || !hasChanged(old, now)) return [];
    const times = (Number(now.median) / Number(old.median)).toFixed(2);
    return [`${name(after)}: ${columns[i]}: ${before[i]} -> ${cell} (${times} x)`];
  });
}

function hasChanged(old, now) {
  if (old.least !== undefined && now.least !== undefined)
    return Number(now.least) > Number(old.most) || Number(now.most) < Number(old.least);
  return Math.abs(Number(now.median) - Number(old.median)) > LEAST_CHANGE * Number(old.median);
}

/** Columns and rows of the tables in a text, as trimmed cells. */
function tablesOf(text) {
  const cells = (line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const tables = [];
  for (const [table] of text.matchAll(/(?:^\|.*\|\n)+/gm)) {
    const [columns, , ...rows] = table.trim().split('\n').map(cells);
    tables.push({ columns, rows });
  }
  return tables;
}

/** `median (least to most)` with a fixed number of decimals. */
export function spread({ median, least, most }, decimals = 1, scale = 1) {
  const [m, l, h] = [median, least, most].map((value) => (value * scale).toFixed(decimals));
  return `${m} (${l} to ${h})`;
}

/** Prints rows of cells as an aligned table. */
export function table(title, columns, rows) {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  console.log(`\n**${title}**\n`);
  console.log(line(columns));
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const row of rows) console.log(line(row));
}

/** One line about the machine of the measurements. */
export function printMachine({ processor, cores, memoryGigabytes, node }) {
  console.log(`${processor}, ${cores} cores, ${memoryGigabytes} GiB, Node ${node.join(', ')}`);
}

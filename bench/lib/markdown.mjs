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

/** Prints the summaries of `Limits`. */
export function limitsTable(limits) {
  table(
    'The most that this machine reads and computes in WebAssembly with 128-bit vectors, in the same rounds',
    ['threads', 'read GB/s', 'f32 multiply-add GFLOP/s', '8-bit dot GOP/s'],
    Object.entries(limits).map(([threads, { read, multiplyAdd, dot }]) => [
      threads,
      spread(read),
      spread(multiplyAdd, 0),
      spread(dot, 0),
    ]),
  );
}

/** One line about the machine and the software of the measurements. */
export function printMachine({ processor, cores, memoryGigabytes, system, node, chromium, version, peers }) {
  const hardware = [processor, `${cores} cores`, `${memoryGigabytes} GiB`, system];
  const software = [
    `gpt2-wasm ${version}`,
    `Node ${node.join(', ')}`,
    ...(chromium ? [chromium] : []),
    ...peers,
  ];
  console.log(`${[...hardware, ...software].join(', ')}`);
}

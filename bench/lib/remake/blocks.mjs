// The blocks of a page that commands write: from `<!-- measured by: COMMAND -->` to `<!-- end -->`.

const BLOCK = /<!-- measured by: (?<command>.+?) -->\n(?<body>[\s\S]*?)<!-- end -->/g;

/** Command, body and nearest heading above of each block. */
export function blocksOf(page) {
  return Array.from(page.matchAll(BLOCK), ({ index, groups }) => ({
    ...{ command: groups.command, body: groups.body },
    heading:
      page
        .slice(0, index)
        .match(/^#+ (.+)$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, '') ?? '',
  }));
}

/** The page with another body in the block of a command. */
export function withBody(page, command, body) {
  return page.replace(BLOCK, (block, own) =>
    own === command ? `<!-- measured by: ${command} -->\n${body}<!-- end -->` : block,
  );
}

/** Day on which a block was measured, as 2026-11-29; `undefined` if it has none. */
export function dateOf({ body }) {
  return /^Measured on (\d{4}-\d\d-\d\d)/m.exec(body)?.[1];
}

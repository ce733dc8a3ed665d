/**
 * The script of these reports. Cells of a grid are chosen with the arrow keys or the pointer, and their figures are said
 * below. In a section with attention, a chosen head colours the tokens that the chosen token of the text attends to.
 */
export const INSIDE_SCRIPT = `
const clamp = (value, most) => Math.max(0, Math.min(most, value));
for (const section of document.querySelectorAll('section.inside')) {
  const detail = section.querySelector('.detail');
  const grid = section.querySelector('table.grid');
  const text = section.querySelector('.text');
  const rows = [...grid.tBodies[0].rows].map((row) => [...row.querySelectorAll('td')]);
  const data = JSON.parse(section.querySelector('script')?.textContent ?? 'null');
  const pieces = text ? [...text.children] : [];
  let cell = rows[0][0];
  let query = pieces.length - 1;

  const weightsOf = () => {
    const [layer, head] = cell.dataset.place.split(' ').map(Number);
    const row = data.positions.indexOf(query);
    const hex = data.weights[layer][head].slice(2 * data.starts[row], 2 * data.starts[row + 1]);
    return hex.match(/../g).map((byte) => parseInt(byte, 16) / 255);
  };
  const colour = () => {
    const weights = weightsOf();
    pieces.forEach((piece, i) => {
      const weight = weights[i] ?? 0;
      const level = [0.05, 0.2, 0.4, 0.7].filter((least) => weight >= least).length;
      piece.className = 's' + level + (i === query ? ' chosen' : '');
    });
    const first = weights
      .map((weight, i) => [weight, i])
      .sort(([a], [b]) => b - a)
      .slice(0, 5)
      .filter(([weight]) => weight >= 0.005)
      .map(([weight, i]) => data.tokens[i] + ' ' + Math.round(100 * weight) + ' %');
    return ' From ' + data.tokens[query] + ': ' + first.join(', ') + '.';
  };
  const say = () => {
    detail.textContent = cell.dataset.detail + (data ? colour() : '');
  };
  const choose = (next) => {
    cell.tabIndex = -1;
    cell.removeAttribute('aria-selected');
    cell = next;
    cell.tabIndex = 0;
    cell.setAttribute('aria-selected', 'true');
    say();
  };

  grid.addEventListener('focusin', ({ target }) => target.closest('td') && choose(target.closest('td')));
  grid.addEventListener('click', ({ target }) => target.closest('td')?.focus());
  if (!data) grid.addEventListener('pointerover', ({ target }) => target.closest('td') && choose(target.closest('td')));
  grid.addEventListener('keydown', (event) => {
    const y = rows.findIndex((row) => row.includes(cell));
    const x = rows[y].indexOf(cell);
    const next = {
      ArrowUp: [y - 1, x],
      ArrowDown: [y + 1, x],
      ArrowLeft: [y, x - 1],
      ArrowRight: [y, x + 1],
      Home: [y, 0],
      End: [y, rows[y].length - 1],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    rows[clamp(next[0], rows.length - 1)][clamp(next[1], rows[y].length - 1)].focus();
  });
  if (!data) continue;

  const ask = (place) => {
    if (!data.positions.includes(place)) return;
    query = place;
    say();
  };
  text.addEventListener('click', ({ target }) => ask(pieces.indexOf(target.closest('.text > span'))));
  text.addEventListener('keydown', (event) => {
    const at = data.positions.indexOf(query);
    const next = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: data.positions.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    ask(data.positions[clamp(next, data.positions.length - 1)]);
  });
  query = data.positions.at(-1);
  choose(cell);
}
`;

/** SHA-256 of the script, for the content security policy. */
export const INSIDE_SCRIPT_HASH = 'sha256-L+5TEZwEAslKrpBLAn6zi2GUdENoMvaKfMi7mpGIPqQ=';

/**
 * The script of reports: shows the figures of the token that is pointed at, or chosen with the arrow keys, from the
 * row of the table of tokens. Its hash allows it, and nothing else, to run.
 */
export const HTML_SCRIPT = `
for (const section of document.querySelectorAll('section.examined')) {
  const text = section.querySelector('.text');
  const detail = section.querySelector('.detail');
  const heads = [...section.querySelectorAll('.tokens thead th')].map((head) => head.textContent);
  const rows = section.querySelector('.tokens tbody').rows;
  const pieces = [...text.children];
  const places = new Map(pieces.map((piece, place) => [piece, place]));
  let chosen = -1;
  const show = (place) => {
    pieces[chosen]?.classList.remove('chosen');
    chosen = place;
    pieces[place].classList.add('chosen');
    const cells = [...rows[pieces[place].dataset.row].cells];
    detail.textContent = cells.map((cell, i) => heads[i] + ': ' + cell.textContent).slice(1).join('; ');
  };
  text.addEventListener('pointerover', ({ target }) => {
    const place = places.get(target);
    if (place !== undefined) show(place);
  });
  text.addEventListener('keydown', (event) => {
    const last = pieces.length - 1;
    const places = {
      ArrowRight: Math.min(last, chosen + 1),
      ArrowLeft: Math.max(0, chosen - 1),
      Home: 0,
      End: last,
    };
    const place = places[event.key];
    if (place === undefined || last < 0) return;
    event.preventDefault();
    show(place);
    pieces[place].scrollIntoView({ block: 'nearest' });
  });
}
`;

/** SHA-256 of the script, for the content security policy. */
export const HTML_SCRIPT_HASH = 'sha256-Y01VhABkNHTT8VPNi3rVdhZRV012zbXy4/tMpYUi/is=';

import { embeddedModel } from 'gpt2-wasm';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { Game, LOAD_OPTIONS, MOST_SEED } from './game.js';
import { described } from './world.js';

const at = (id) => document.getElementById(id);
const status = document.querySelector('[role=status]');
const buttons = [...at('actions').children];

const loading = createWorkerModel(embeddedModel, {
  ...LOAD_OPTIONS,
  onProgress: ({ loaded, total }) => {
    status.textContent = `loading: ${Math.round((100 * loaded) / total)} %`;
  },
});

/** The game that is played, and how many of its paragraphs are shown. */
let game;
let shown = 0;
let isWriting = false;

/** Does what takes the model, unless it is at work, and shows the game after it. */
async function write(work) {
  if (isWriting) return;
  isWriting = true;
  status.textContent = 'writing';
  try {
    await work(await loading);
    status.textContent = game.isOver ? 'The end.' : '';
  } catch (error) {
    status.textContent = error.message;
  }
  isWriting = false;
  if (game) show();
}

/** Another game takes the place of the present one, which stays if it cannot be opened. */
async function open(next) {
  const opened = await next;
  game?.dispose();
  game = opened;
  shown = 0;
  at('story').replaceChildren();
  at('seed').value = game.seed;
}

function show() {
  for (const text of game.paragraphs.slice(shown)) {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    at('story').append(paragraph);
  }
  shown = game.paragraphs.length;
  const hadFocus = at('turn').contains(document.activeElement);
  at('world').textContent = described(game.world);
  at('json').textContent = JSON.stringify(game.world, null, 2);
  at('lead').textContent = `${game.world.hero} decides to`;
  buttons.forEach((button, i) => {
    button.textContent = game.actions[i] ?? '';
    button.hidden = game.actions[i] === undefined;
  });
  at('turn').hidden = game.isOver;
  if (game.isOver && hadFocus) at('new').querySelector('button').focus();
  status.scrollIntoView({ block: 'nearest' });
}

buttons.forEach((button) => {
  button.addEventListener('click', () => write(() => game.play(button.textContent)));
});

at('typed').addEventListener('submit', (event) => {
  event.preventDefault();
  const action = game.actionOf(at('action').value);
  if (action === undefined) {
    status.textContent = 'The story cannot use these words. Begin with a verb: "climb the tree".';
    return;
  }
  write(() => game.play(action)).then(() => {
    at('action').value = '';
  });
});

at('new').addEventListener('submit', (event) => {
  event.preventDefault();
  write((model) => open(Game.start(model, Number(at('seed').value))));
});

at('save').addEventListener('click', () =>
  write(async () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await game.save()]));
    link.download = `${game.world.hero}.game`;
    link.click();
    URL.revokeObjectURL(link.href);
  }),
);

at('load').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  target.value = '';
  if (file) write(async (model) => open(Game.load(model, new Uint8Array(await file.arrayBuffer()))));
});

const given = new URLSearchParams(location.search).get('seed');
at('seed').value = given ?? Math.floor(Math.random() * MOST_SEED);
at('new').requestSubmit();

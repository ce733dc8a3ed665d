// node main.js [--seed N | --load FILE]: the game in the terminal. Actions may also come from a pipe.
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import { Game, LOAD_OPTIONS, MOST_SEED } from './game.js';
import { described } from './world.js';

const HELP = 'Enter a number, words of your own ("climb the tree"), world, save FILE or quit.';
const WIDTH = Math.min(process.stdout.columns ?? 80, 100);

const { values } = parseArgs({ options: { seed: { type: 'string' }, load: { type: 'string' } } });
const { seed = Math.floor(Math.random() * MOST_SEED), load } = values;

try {
  const model = await loadModel(embeddedModel, LOAD_OPTIONS);
  try {
    await play(load ? await Game.load(model, await readFile(load)) : await Game.start(model, Number(seed)));
  } finally {
    model.dispose();
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function play(game) {
  print(`The seed is ${game.seed}. ${HELP}`);
  show(game, 0);
  if (game.isOver) return;
  const { stdin: input, stdout: output } = process;
  // Made when the game is ready: lines that come before they are awaited would be lost.
  const lines = createInterface({ input, output, terminal: input.isTTY });
  const ask = () => {
    lines.setPrompt(`${game.world.hero} decides to `);
    lines.prompt();
  };
  ask();
  for await (const line of lines) {
    if (line.trim() === 'quit') break;
    await answer(game, line.trim()).catch(({ message }) => print(message));
    if (game.isOver) break;
    ask();
  }
  lines.close();
}

async function answer(game, line) {
  const [, file] = /^save (.+)/.exec(line) ?? [];
  const action = game.actions[line - 1] ?? game.actionOf(line);
  if (line === 'world') console.log(JSON.stringify(game.world));
  else if (file !== undefined) {
    await writeFile(file, await game.save());
    print(`The game is saved: ${file}`);
  } else if (action === undefined) print(HELP);
  else {
    const told = game.paragraphs.length;
    await game.play(action);
    show(game, told);
  }
}

/** Prints the story from a paragraph on, then the world, and the actions or the end. */
function show(game, first) {
  game.paragraphs.slice(first).forEach(print);
  print(described(game.world));
  if (game.isOver) print('The end.');
  game.actions.forEach((action, i) => {
    console.log(`  ${i + 1}  ${action}`);
  });
}

/** Prints a paragraph in lines that fit. */
function print(text) {
  const line = new RegExp(`(.{1,${WIDTH}})(?: |$)`, 'g');
  console.log(`\n${text.replace(line, '$1\n').trimEnd()}`);
}

// The page of the playground: puts its parts together.
import { estimateMemory } from '../core/layout.js';
import { Gpt2Error } from '../errors.js';
import type { Completion } from '../generate/completion.js';
import { Alternatives } from './alternatives.js';
import { byId, make } from './dom.js';
import { startDropping } from './drop_zone.js';
import { droppedFiles } from './dropped_files.js';
import { Figures } from './figures.js';
import { Loading } from './loading.js';
import { type Loaded, ModelLoader, type Wish } from './model_loader.js';
import { ModelPanel } from './model_panel.js';
import { type Action, Problem, placeOf } from './problem.js';
import { SamplingControls } from './sampling_controls.js';
import { Surface } from './surface.js';
import { isTrainingFile } from './teach/lesson_text.js';
import { TeachPanel } from './teach/teach_panel.js';
import { startTheme } from './theme.js';
import { Views } from './views.js';
import { Writer } from './writer.js';
import { isCovered, tokenAt } from './writing.js';

const BEGINNINGS = ['Once upon a time', 'Lily saw a big dog', 'One day, the little bird'];
const DROP_MODEL = 'Drop a .gguf file, or the folder or files of a checkpoint';
const DROP_TEXT = 'Drop .txt or .jsonl files to learn from, or a model';
const EMBEDDED_LABEL = 'Use the model of the package';
/** The model is asked about a text when nobody has typed for so long. */
const ANNOTATE_AFTER_MS = 400;

const button = (id: string) => byId(id, HTMLButtonElement);
const runButton = button('run');
const regenerateButton = button('regenerate');
const undoButton = button('undo');
const alternativesButton = button('alternatives-button');
const copyButton = button('copy');
const summary = byId('summary', HTMLElement);
const modelName = byId('model-name', HTMLElement);
const meter = byId('meter', HTMLElement);
const starters = byId('starters', HTMLElement);

const surface = new Surface();
const figures = new Figures();
const sampling = new SamplingControls(byId('sampling', HTMLElement));
const writer = new Writer({ onWriting: render, onGenerating: draw });
const alternatives = new Alternatives(surface, {
  place: (index) => {
    const token = writer.writing.tokens[index];
    return token && !writer.isGenerating ? { index, ...token, logprob: token.logprob } : undefined;
  },
  top: (index) => writer.top(index).catch((error) => String(error?.message ?? error)),
  canChoose: (index, token) => writer.canStand(index, token),
  choose: (index, token) => generate(() => writer.replace(index, token, sampling.options())),
});
const loader = new ModelLoader(new Loading(() => loader.cancel()), {
  onLoaded: showModel,
  onFailure: showFailure,
  onEnd: () => void panel.listKept(),
});
const panel = new ModelPanel(byId('model-panel', HTMLElement), load);
const problem = new Problem();

const views = new Views(() => alternatives.close());
const teach = new TeachPanel({
  pupil: () => {
    const { loaded } = loader;
    return loaded && { ...loaded.wish, contextLength: loaded.model.config.contextLength };
  },
  onWrite: ({ source, adapters }, name) => {
    panel.want(source, name, adapters);
    views.show('write');
    surface.area.focus();
  },
  onError: (error) => problem.show(error, 'lesson'),
  onRunning: (running) => {
    document.body.classList.toggle('teaching', running);
  },
});

let isDrawing = false;
let annotateTimer: ReturnType<typeof setTimeout> | undefined;
/** Since when tokens come, and how many there were before. */
let started: { readonly at: number; readonly tokens: number } | undefined;

/** Shows the writing once a frame: tokens can come faster. What a person does is shown at once, by `draw`. */
function render(): void {
  if (isDrawing) return;
  isDrawing = true;
  // A page in the background has no frames.
  if (document.hidden) setTimeout(draw);
  else requestAnimationFrame(draw);
}

function draw(): void {
  isDrawing = false;
  const { writing, model, isGenerating, isAfterRun, lastRun } = writer;
  surface.area.readOnly = isGenerating;
  surface.show(writing);
  const isEmpty = writing.text === '';
  document.body.classList.toggle('generating', isGenerating);
  runButton.textContent = isGenerating ? 'Stop' : isAfterRun && !isEmpty ? 'Continue' : 'Generate';
  runButton.disabled = model === undefined;
  regenerateButton.disabled = isGenerating || model === undefined || lastRun === undefined;
  undoButton.disabled = isGenerating || lastRun === undefined;
  alternativesButton.disabled = isGenerating || writing.tokens.length === 0;
  copyButton.disabled = isEmpty;
  starters.hidden = !isEmpty;
  if (model !== undefined) {
    figures.showContext(isCovered(writing) ? writing.tokens.length : undefined, model.config.contextLength);
  }
  if (isGenerating && started !== undefined) {
    const count = writing.tokens.length - started.tokens;
    const seconds = (performance.now() - started.at) / 1000;
    if (count > 1 && seconds > 0.2) figures.showSpeed(count / seconds);
  }
  meter.textContent = figures.line;
}

function load(wish: Wish): void {
  problem.clear();
  if (loader.loaded === undefined) modelName.textContent = `loading ${wish.name}`;
  void loader.load(wish);
}

function showModel({ wish: { name, weights }, model }: Loaded): void {
  alternatives.close();
  writer.setModel(model);
  figures.showModel(model);
  teach.showPupil();
  sampling.limitLength(model.config.contextLength);
  const { layers, contextLength } = model.config;
  const { parameters } = estimateMemory(model.config, weights);
  const count = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(
    parameters,
  );
  modelName.replaceChildren(
    make('b', {}, name),
    `${count} parameters, ${layers} layers, context of ${contextLength} tokens`,
  );
  summary.textContent = `${name} is ready.`;
  draw();
  annotateSoon(0);
}

/** Gives back the model's memory. */
function unload(): void {
  writer.setModel(undefined);
  loader.unload();
  figures.showModel(undefined);
  teach.showPupil();
  modelName.textContent = 'no model';
  draw();
}

function showFailure(error: unknown, wish: Wish): void {
  const { loaded } = loader;
  const code = error instanceof Gpt2Error ? error.code : undefined;
  if (loaded === undefined) modelName.textContent = 'no model';
  const stays = loaded ? `${loaded.wish.name} stays.` : 'Choose a model under \u201CAnother model\u201D.';
  if (code === 'aborted') {
    summary.textContent = `Loading was cancelled. ${stays}`;
    return;
  }
  const actions: Action[] = [];
  if (code === 'network' || loaded === undefined) {
    actions.push({ label: 'Try again', act: () => load(wish) });
  }
  if (code === 'out-of-memory' && loaded !== undefined) {
    const makeRoom = () => {
      unload();
      load(wish);
    };
    actions.push({ label: `Unload ${loaded.wish.name} and try again`, act: makeRoom });
  }
  if (loaded === undefined) actions.push({ label: EMBEDDED_LABEL, act: () => panel.embedded() });
  problem.show(error, placeOf(wish), actions);
  summary.textContent = stays;
}

/** The model failed while it worked: its worker may be dead. */
function showRuntimeFailure(error: unknown): void {
  const { loaded } = loader;
  const again = () => {
    unload();
    load(loaded!.wish);
  };
  problem.show(error, 'writing', loaded ? [{ label: 'Load the model again', act: again }] : []);
}

/** Runs a generation and says how it ended. */
async function generate(run: () => Promise<Completion>): Promise<void> {
  const { model } = writer;
  if (model === undefined || writer.isGenerating) return;
  problem.clear();
  alternatives.close();
  clearTimeout(annotateTimer);
  started = undefined;
  summary.textContent = 'Generating \u2026';
  try {
    const running = run();
    started = { at: performance.now(), tokens: writer.writing.tokens.length };
    const completion = await running;
    figures.showCompletion(completion, model);
    draw();
    summary.replaceChildren(...endOf(completion, model.config.contextLength));
    annotateSoon(0);
  } catch (error) {
    summary.textContent = '';
    const code = error instanceof Gpt2Error ? error.code : undefined;
    if (code === 'context-full') summary.replaceChildren(...fullContext(model.config.contextLength));
    else if (code === 'runtime') showRuntimeFailure(error);
    else if (code !== 'disposed') problem.show(error, 'writing');
  }
}

function endOf({ finishReason, usage }: Completion, contextLength: number): (Node | string)[] {
  const count = `${usage.completionTokens} token${usage.completionTokens === 1 ? '' : 's'}`;
  switch (finishReason) {
    case 'aborted':
      return [`Stopped after ${count}.`];
    case 'eos':
      return [`The model ended the text after ${count}. Continue goes beyond.`];
    case 'context':
      return fullContext(contextLength);
    default:
      return [`${count}.`];
  }
}

/** No fault of anybody's: says so, with the way on. */
function fullContext(contextLength: number): (Node | string)[] {
  const goOn = make('button', { type: 'button', class: 'quiet' }, 'Go on without the oldest half');
  goOn.addEventListener('click', () => {
    sampling.shiftContext();
    toggleRun();
  });
  return [`The text fills the context of ${contextLength} tokens. Take some away, or: `, goOn];
}

function annotateSoon(ms = ANNOTATE_AFTER_MS): void {
  clearTimeout(annotateTimer);
  annotateTimer = setTimeout(() => {
    writer.annotate().catch((error) => {
      if (!(error instanceof Gpt2Error && error.code === 'disposed')) problem.show(error, 'writing');
    });
  }, ms);
}

function toggleRun(): void {
  if (writer.isGenerating) writer.stop();
  else void generate(() => writer.generate(sampling.options()));
}

function undo(): void {
  alternatives.close();
  writer.undo();
  draw();
  summary.textContent = 'The latest generation was taken back.';
  annotateSoon();
}

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(writer.writing.text);
    summary.textContent = 'Copied.';
  } catch {
    surface.area.select();
    summary.textContent = 'The browser does not let the page copy: the text is selected.';
  }
}

function openAlternatives(): void {
  const { area } = surface;
  const index = tokenAt(writer.writing.tokens, area.selectionEnd);
  if (index === undefined) summary.textContent = 'The model has not read this part yet.';
  else void alternatives.open(index, undefined, true);
}

runButton.addEventListener('click', toggleRun);
regenerateButton.addEventListener('click', () => generate(() => writer.regenerate(sampling.options())));
undoButton.addEventListener('click', undo);
copyButton.addEventListener('click', copy);
alternativesButton.addEventListener('click', openAlternatives);
button('reset').addEventListener('click', () => sampling.reset());

surface.area.addEventListener('input', () => {
  alternatives.close();
  writer.edit(surface.area.value);
  draw();
  annotateSoon();
});
surface.area.addEventListener('keydown', (event) => {
  const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (event.altKey && event.key === 'ArrowDown') openAlternatives();
  else if (isUndo && writer.isAfterRun && !writer.isGenerating) undo();
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (views.current === 'teach') teach.toggle();
    else toggleRun();
  } else if (event.key === 'Escape') writer.stop();
});

const colours = byId('colours', HTMLInputElement);
const applyColours = () => document.body.classList.toggle('plain', !colours.checked);
colours.addEventListener('change', applyColours);
applyColours();

for (const text of BEGINNINGS) {
  const starter = make('button', { type: 'button', class: 'quiet' }, text);
  starter.addEventListener('click', () => {
    writer.edit(text);
    draw();
    annotateSoon();
    surface.area.focus();
  });
  starters.append(starter);
}

startDropping(
  () => (views.current === 'teach' ? DROP_TEXT : DROP_MODEL),
  (transfer) => {
    const loose = [...transfer.files];
    if (views.current === 'teach' && loose.every(isTrainingFile)) teach.text.add(loose);
    else void dropModel(transfer);
  },
);

async function dropModel(transfer: DataTransfer): Promise<void> {
  const given = await droppedFiles(transfer);
  if (given === undefined) summary.textContent = 'There are no files in what was dropped.';
  else panel.files(given);
}

addEventListener('beforeunload', (event) => {
  if (document.body.classList.contains('teaching')) event.preventDefault();
});

startTheme();
// Only over https and on the machine itself; without it the page works, but needs its server.
void navigator.serviceWorker?.register('service_worker.js').catch(() => {});
panel.embedded();

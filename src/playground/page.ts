// Entry of the playground: creates the parts of the page and connects them.

import { Gpt2Error } from '../base/errors.js';
import { estimateMemory } from '../core/layout.js';
import { isMedia } from './describe/media_files.js';
import { isTextFile } from './document/text_files.js';
import { droppedFiles } from './model/given_files.js';
import { LoadingBar } from './model/loading_bar.js';
import { type Loaded, ModelLoader } from './model/model_loader.js';
import { ModelPanel } from './model/model_panel.js';
import type { ModelRequest } from './model/model_request.js';
import { TaughtModels } from './model/taught_models.js';
import { byId, make } from './page/dom.js';
import { startDropping } from './page/drop_zone.js';
import { OnDemand } from './page/on_demand.js';
import { type Action, Problem, type ProblemPlace, placeOf } from './page/problem.js';
import { startTheme } from './page/theme.js';
import type { ViewEvents } from './page/view_events.js';
import { Views } from './page/views.js';
import { isTrainingFile } from './teach/lesson_text.js';
import { TeachPanel } from './teach/teach_panel.js';
import { WriteView } from './write/write_view.js';

const DROP_MODEL = 'Drop a text file, a .gguf file, or the folder or files of a model';
const DROP_IMAGE = 'Drop an image, a video, or the folder of a captioner';
const DROP_TEXT = 'Drop .txt or .jsonl files to learn from, or a model';
const EMBEDDED_LABEL = 'Use the model of the package';

const modelName = byId('model-name', HTMLElement);

const writing = new WriteView({
  onClear: () => problem.clear(),
  onError: (error) => {
    if (error instanceof Gpt2Error && error.code === 'runtime') showRuntimeFailure(error);
    else problem.show(error, 'writing');
  },
});
const loader = new ModelLoader(new LoadingBar(() => loader.cancel()), {
  onLoaded: showModel,
  onFailure: showFailure,
  onEnd: () => void panel.refreshStored(),
});
const taughtModels = new TaughtModels();
const panel = new ModelPanel(byId('model-panel', HTMLElement), taughtModels, {
  onLoad: load,
  current: () => loader.loaded?.request,
  onError: (error) => problem.show(error, 'files'),
});
const problem = new Problem();

const examining = new OnDemand(
  async () =>
    new (await import('./examine/examine_view.js')).ExamineView(
      byId('examine', HTMLElement),
      eventsOf('examining'),
    ),
  (error) => problem.show(error, 'examining'),
);
const inside = new OnDemand(
  async () =>
    new (await import('./inside/inside_view.js')).InsideView(byId('inside', HTMLElement), eventsOf('inside')),
  (error) => problem.show(error, 'inside'),
);
const describing = new OnDemand(
  async () =>
    new (await import('./describe/describe_view.js')).DescribeView(
      byId('describe', HTMLElement),
      eventsOf('describing'),
    ),
  (error) => problem.show(error, 'describing'),
);
const views = new Views((view) => {
  writing.leave();
  if (view === 'examine') void examining.load();
  else if (view === 'inside') void inside.load();
  else if (view === 'describe') void describing.load();
});
const teach = new TeachPanel(taughtModels, {
  model: () => {
    const { loaded } = loader;
    return loaded && { ...loaded.request, contextLength: loaded.model.config.contextLength };
  },
  onWrite: (taught) => {
    panel.loadChoice(taught);
    views.show('write');
    writing.focus();
  },
  onStored: () => void panel.refreshStored(),
  onError: (error) => problem.show(error, 'lesson'),
  onRunning: (running) => {
    document.body.classList.toggle('teaching', running);
  },
});

function eventsOf(place: ProblemPlace): ViewEvents {
  return {
    model: () => {
      const { loaded } = loader;
      return loaded && { name: loaded.request.name, model: loaded.model };
    },
    writtenText: () => writing.text,
    onClear: () => problem.clear(),
    onError: (error) => problem.show(error, place),
  };
}

function load(request: ModelRequest): void {
  problem.clear();
  if (loader.loaded === undefined) modelName.textContent = `loading ${request.name}`;
  void loader.load(request);
}

function showModel(loaded: Loaded): void {
  const { request, model } = loaded;
  const { name, weights } = request;
  writing.setModel(model);
  teach.showModel();
  examining.view?.showModel();
  inside.view?.showModel();
  panel.refreshAdapters();
  const { layers, contextLength } = model.config;
  const { parameters } = estimateMemory(model.config, weights);
  const count = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(
    parameters,
  );
  modelName.replaceChildren(
    make('b', {}, name),
    `${count} parameters, ${layers} layers, context of ${contextLength} tokens`,
  );
  writing.say(`${name} is ready.`);
  if (typeof request.source !== 'string') void showFormat(loaded);
}

/** Says in which format the given files of a model are. */
async function showFormat(loaded: Loaded): Promise<void> {
  const { inspect } = await import('../model/inspect.js');
  const info = await inspect(loaded.request.source, {}).catch(() => undefined);
  if (info === undefined || loader.loaded !== loaded) return;
  const heads = info.heads.map(({ task }) => `, a head for ${task}`).join('');
  modelName.append(`${heads}, read from ${info.format}`);
}

/** Frees the memory of the model. */
function unload(): void {
  writing.setModel(undefined);
  loader.unload();
  teach.showModel();
  examining.view?.showModel();
  inside.view?.showModel();
  modelName.textContent = 'no model';
}

function showFailure(error: unknown, request: ModelRequest): void {
  const { loaded } = loader;
  const code = error instanceof Gpt2Error ? error.code : undefined;
  if (loaded === undefined) modelName.textContent = 'no model';
  const stays = loaded
    ? `${loaded.request.name} stays loaded.`
    : 'Choose a model under \u201CAnother model\u201D.';
  if (code === 'aborted') {
    writing.say(`Loading was cancelled. ${stays}`);
    return;
  }
  const actions: Action[] = [];
  if (code === 'network' || loaded === undefined) {
    actions.push({ label: 'Try again', act: () => load(request) });
  }
  if (code === 'out-of-memory' && loaded !== undefined) {
    const makeRoom = () => {
      unload();
      load(request);
    };
    actions.push({ label: `Unload ${loaded.request.name} and try again`, act: makeRoom });
  }
  if (loaded === undefined) actions.push({ label: EMBEDDED_LABEL, act: () => panel.loadEmbedded() });
  problem.show(error, placeOf(request), actions);
  writing.say(stays);
}

/** Reports that the model failed while it generated. Its worker may be dead. */
function showRuntimeFailure(error: unknown): void {
  const { loaded } = loader;
  const again = () => {
    unload();
    load(loaded!.request);
  };
  problem.show(error, 'writing', loaded ? [{ label: 'Load the model again', act: again }] : []);
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (views.current === 'teach') teach.toggle();
    else if (views.current === 'examine') examining.view?.toggle();
    else if (views.current === 'inside') inside.view?.step();
    else if (views.current === 'describe') describing.view?.toggle();
    else writing.toggle();
  } else if (event.key === 'Escape') {
    writing.stop();
    examining.view?.stop();
    describing.view?.stop();
  }
});

startDropping(
  () => (views.current === 'teach' ? DROP_TEXT : views.current === 'describe' ? DROP_IMAGE : DROP_MODEL),
  (transfer) => {
    const loose = [...transfer.files];
    const [first] = loose;
    if (views.current === 'teach' && loose.every(isTrainingFile)) teach.addFiles(loose);
    else if (loose.length === 1 && isMedia(first!)) void openMedia(first!);
    else if (loose.length === 1 && isTextFile(first!)) openText(first!);
    else void dropModel(transfer);
  },
);

function openText(file: File): void {
  if (views.current === 'examine') void examining.view?.open(file);
  else if (views.current === 'inside') void inside.view?.open(file);
  else writing.open(file);
}

/** Describes an image or a video. */
async function openMedia(file: File): Promise<void> {
  views.show('describe');
  await describing.load();
  await describing.view?.open(file);
}

async function dropModel(transfer: DataTransfer): Promise<void> {
  try {
    const given = await droppedFiles(transfer);
    if (given === undefined) writing.say('Nothing that was dropped is a file.');
    else if (views.current === 'describe') describing.view?.load(given);
    else panel.loadFiles(given);
  } catch (error) {
    problem.show(error, 'files');
  }
}

addEventListener('beforeunload', (event) => {
  if (teach.wouldLose) event.preventDefault();
});

startTheme();
// Service workers need https or localhost. Without one the page works, but only while its server can be
// reached.
void navigator.serviceWorker?.register('service_worker.js').catch(() => {});
panel.loadEmbedded();

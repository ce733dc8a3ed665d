// Entry of the playground: creates the parts of the page and connects them.

import { Gpt2Error } from '../base/errors.js';
import { ChoiceStore } from './choices/choice_store.js';
import { isMedia } from './describe/media_files.js';
import { isTextFile } from './document/text_files.js';
import { droppedFiles, hasFolder } from './model/given_files.js';
import { LearnedAdapters } from './model/learned_adapters.js';
import { LearnedSwitch } from './model/learned_switch.js';
import { LoadingBar } from './model/loading_bar.js';
import { type Loaded, ModelLoader } from './model/model_loader.js';
import { ModelName } from './model/model_name.js';
import { ModelPanel } from './model/model_panel.js';
import type { ModelRequest } from './model/model_request.js';
import { TaughtModels } from './model/taught_models.js';
import { byId } from './page/dom.js';
import { startDropping } from './page/drop_zone.js';
import { LoadFailures } from './page/load_failures.js';
import { OnDemand } from './page/on_demand.js';
import { Problem, type ProblemPlace, TRY_AGAIN } from './page/problem.js';
import { startTheme } from './page/theme.js';
import { trustOwnScripts } from './page/trusted_types.js';
import type { ViewEvents } from './page/view_events.js';
import { Views } from './page/views.js';
import { isTrainingFile } from './teach/lesson_text.js';
import { type TeachableModel, TeachPanel } from './teach/teach_panel.js';
import { type Way, Ways } from './teach/ways.js';
import { WriteView } from './write/write_view.js';

const DROP_MODEL = 'Drop a text file, a .gguf file, or the folder or files of a model';
const DROP_IMAGE = 'Drop an image, a video, or the folder of a captioner';
const DROP_TEXT = 'Drop .txt or .jsonl files to learn from, or a model';

trustOwnScripts();
const modelName = new ModelName();

const choices = new ChoiceStore();
const writing = new WriteView(choices, {
  modelName: () => loader.loaded?.request.name ?? '',
  onSeeChoices: () => {
    ways.show('choices');
    views.show('teach');
  },
  onClear: () => problem.clear(),
  onError: (error) => showFailure(error, 'writing'),
});
const loader = new ModelLoader(new LoadingBar(() => loader.cancel()), {
  onLoaded: showModel,
  onFailure: (error, request) => {
    if (loader.loaded === undefined) modelName.say('no model');
    failures.show(error, request);
  },
  onEnd: () => {
    void panel.refreshStored();
    void learnedSwitch.refresh();
  },
});
const learned = new LearnedAdapters();
const learnedSwitch = new LearnedSwitch(byId('learned', HTMLElement), learned, {
  current: () => loader.loaded?.request,
  onChange: load,
});
const taughtModels = new TaughtModels();
const panel = new ModelPanel(byId('model-panel', HTMLElement), taughtModels, {
  onLoad: load,
  current: () => loader.loaded?.request,
  onError: (error) => problem.show(error, 'files'),
});
const problem = new Problem();
const failures = new LoadFailures(problem, {
  loaded: () => loader.loaded,
  load,
  loadEmbedded: () => panel.loadEmbedded(),
  unload,
  onSay: (message) => writing.say(message),
});

const examining = new OnDemand(
  async () =>
    new (await import('./examine/examine_view.js')).ExamineView(
      byId('examine', HTMLElement),
      eventsOf('examining'),
    ),
  notLoaded('examining'),
);
const inside = new OnDemand(
  async () =>
    new (await import('./inside/inside_view.js')).InsideView(byId('inside', HTMLElement), eventsOf('inside')),
  notLoaded('inside'),
);
const describing = new OnDemand(
  async () =>
    new (await import('./describe/describe_view.js')).DescribeView(
      byId('describe', HTMLElement),
      eventsOf('describing'),
    ),
  notLoaded('describing'),
);
const choosing = new OnDemand(async () => {
  const { ChoicesView } = await import('./teach/choices_view.js');
  return new ChoicesView(byId('from-choices', HTMLElement), choices, learned, learnedSwitch, {
    model: teachable,
    onWrite: () => views.show('write'),
    onClear: () => problem.clear(),
    onError: (error) => problem.show(error, 'choices'),
    onRunning: (isRunning) => showRunning('choices', isRunning),
  });
}, notLoaded('choices'));
const ways = new Ways((way) => {
  if (way === 'choices') void choosing.load();
});
const views = new Views((view) => {
  writing.leave();
  // Another tab may have changed what is stored.
  if (view === 'teach') void choosing.view?.refresh();
  if (view === 'examine') void examining.load();
  else if (view === 'inside') void inside.load();
  else if (view === 'describe') void describing.load();
});
const teach = new TeachPanel(taughtModels, {
  model: teachable,
  onWrite: (taught) => {
    panel.loadChoice(taught);
    views.show('write');
    writing.focus();
  },
  onStored: () => void panel.refreshStored(),
  onError: (error) => problem.show(error, 'lesson'),
  onRunning: (isRunning) => showRunning('text', isRunning),
});

function teachable(): TeachableModel | undefined {
  const { loaded } = loader;
  return loaded && { ...loaded.request, contextLength: loaded.model.config.contextLength };
}

/** Shows in the other views whether something is learned. */
function showRunning(way: Way, isRunning: boolean): void {
  document.body.classList.toggle(`teaching-${way}`, isRunning);
}

function eventsOf(place: ProblemPlace): ViewEvents {
  return {
    model: () => {
      const { loaded } = loader;
      return loaded && { name: loaded.request.name, model: loaded.model };
    },
    writtenText: () => writing.text,
    onClear: () => problem.clear(),
    onError: (error) => showFailure(error, place),
  };
}

/** Shows why a view could not be loaded, with a button that loads it again. */
function notLoaded(place: ProblemPlace): (error: unknown, again: () => void) => void {
  return (error, again) => problem.show(error, place, [{ label: TRY_AGAIN, act: again }]);
}

/** Shows what went wrong while the model worked, or while its choices were stored. */
function showFailure(error: unknown, place: ProblemPlace): void {
  const code = error instanceof Gpt2Error ? error.code : undefined;
  if (code === 'runtime' && place !== 'describing') failures.showRuntime(error);
  else problem.show(error, code === 'storage' && place === 'writing' ? 'choices' : place);
}

function load(request: ModelRequest): void {
  problem.clear();
  if (loader.loaded === undefined) modelName.say(`loading ${request.name}`);
  void loader.load(request);
}

function showModel(loaded: Loaded): void {
  const { request, model } = loaded;
  writing.setModel(model);
  teach.showModel();
  void choosing.view?.refresh();
  examining.view?.showModel();
  inside.view?.showModel();
  panel.refreshAdapters();
  modelName.show(loaded, () => loader.loaded === loaded);
  writing.say(`${request.name} is ready.`);
}

/** Frees the memory of the model. */
function unload(): void {
  writing.setModel(undefined);
  loader.unload();
  teach.showModel();
  void choosing.view?.refresh();
  examining.view?.showModel();
  inside.view?.showModel();
  modelName.say('no model');
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    // A key that is held down would start and stop the work in turns.
    if (event.repeat) return;
    if (views.current === 'teach') (ways.current === 'text' ? teach : choosing.view)?.toggle();
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
    if (loose.length === 0 || hasFolder(transfer)) void dropModel(transfer);
    else if (views.current === 'teach' && loose.every(isTrainingFile)) learnFrom(loose);
    else if (loose.length === 1 && isMedia(first!)) void openMedia(first!);
    else if (loose.length === 1 && isTextFile(first!)) openText(first!);
    else void dropModel(transfer);
  },
);

function learnFrom(files: readonly File[]): void {
  if (ways.current === 'text') teach.addFiles(files);
  else for (const file of files) void choosing.view?.list.add(file);
}

function openText(file: File): void {
  if (views.current === 'examine') void examining.view?.open(file);
  else if (views.current === 'inside') void inside.view?.open(file);
  else {
    views.show('write');
    writing.open(file);
  }
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
  if (teach.wouldLose || choosing.view?.wouldLose || learned.isAtRisk) event.preventDefault();
});

startTheme();
panel.loadEmbedded();
keepOffline().catch(() => {});

/** Service workers need https or localhost, and storage. Without one the page needs its server. */
async function keepOffline(): Promise<void> {
  await navigator.serviceWorker?.register('service_worker.js');
}

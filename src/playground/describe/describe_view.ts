import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Cue } from '../../vision/frames/frame.js';
import { webVtt } from '../../vision/frames/web_vtt.js';
import type { SeenArea } from '../../vision/pixels/seen_area.js';
import { loadWorkerCaptioner } from '../../worker/load_worker_captioner.js';
import type { WorkerCaptioner } from '../../worker/worker_captioner.js';
import { saveText } from '../document/text_files.js';
import { type RunningWork, WorkBar } from '../examine/work_bar.js';
import { filePicker } from '../model/file_picker.js';
import type { GivenFiles } from '../model/given_files.js';
import { make } from '../page/dom.js';
import { StartButton } from '../page/start_button.js';
import type { ViewEvents } from '../page/view_events.js';
import { CaptionWords } from './caption_words.js';
import { CaptionerChoice, type CaptionerRequest, EMBEDDED } from './captioner_choice.js';
import { Clip, framesOf } from './clip.js';
import { DescribeSettings } from './describe_settings.js';
import { newDrawing, pngOf } from './drawing.js';
import { isVideo } from './media_files.js';
import { OtherCaptions } from './other_captions.js';
import { Picture } from './picture.js';
import { type Word, WordJoiner } from './words.js';

const WHOLE: SeenArea = { left: 0, top: 0, width: 1, height: 1 };
const MEDIA = 'image/*,video/*';

/** What is described. */
type Subject =
  | { readonly kind: 'image'; readonly file: File }
  | { readonly kind: 'video'; readonly file: File; readonly address: string };

/** The view that describes images and videos. */
export class DescribeView {
  readonly #events: Pick<ViewEvents, 'onClear' | 'onError'>;
  readonly #choice: CaptionerChoice;
  readonly #picture = new Picture();
  readonly #words = new CaptionWords((word) => this.#light(word));
  readonly #others = new OtherCaptions((words) => this.#showWords(words));
  readonly #clip = new Clip();
  readonly #truth = make('p', { class: 'meaning', hidden: true });
  readonly #settings = new DescribeSettings();
  readonly #bar = new WorkBar(() => this.#show());
  readonly #start = new StartButton(() => this.toggle());
  readonly #search = make(
    'button',
    { type: 'button', title: 'Search for the best captions' },
    'Alternatives',
  );
  readonly #save = make('button', { type: 'button', title: 'Download what was written' }, 'Save');
  readonly #note = make(
    'p',
    { class: 'meaning', hidden: true },
    'This small captioner knows drawings of circles, squares, triangles and stars on a light ground, and nothing else. ' +
      'Choose another one for photographs.',
  );
  #captioner: WorkerCaptioner | undefined;
  /** Captioners that are being loaded: two while one takes the place of another. */
  #loading = 0;
  #subject: Subject | undefined;
  /** The file that was opened last, which may not be read yet. */
  #opening: File | undefined;
  /** The part of the image that has patches. */
  #seen = WHOLE;
  #cues: Cue[] = [];
  /** The latest work; others begin after it. */
  #latest: Promise<unknown> = Promise.resolve();

  constructor(section: HTMLElement, events: Pick<ViewEvents, 'onClear' | 'onError'>) {
    this.#events = events;
    this.#choice = new CaptionerChoice({
      onLoad: (request) => void this.#load(request),
      onError: (error) => events.onError(error),
    });
    this.#search.addEventListener('click', () => void this.#searchOthers());
    this.#save.addEventListener('click', () => this.#saveText());
    document.addEventListener('paste', (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => /^(image|video)\//.test(type));
      if (section.hidden || file === undefined) return;
      event.preventDefault();
      void this.open(file);
    });
    section.append(this.#body(), this.#tools());
    this.#show();
  }

  /** Starts or stops the work. */
  toggle(): void {
    if (this.#bar.isBusy) this.stop();
    else if (this.#start.isEnabled) void this.#describe();
  }

  /** Ends the work that is in progress. */
  stop(): void {
    this.#bar.stop();
  }

  /** Loads a captioner in files. */
  load(given: GivenFiles): void {
    this.#choice.loadFiles(given);
  }

  /**
   * Shows an image or a video, and describes it: with the captioner that comes with the page, if none was chosen. `truth`:
   * the true caption, if it is known.
   */
  async open(file: File, truth = ''): Promise<void> {
    this.#opening = file;
    if (this.#loading === 0) {
      this.stop();
      await this.#latest;
    }
    if (this.#opening !== file) return;
    this.#events.onClear();
    this.#clear();
    this.#subject = undefined;
    try {
      const subject = await this.#showFile(file);
      if (this.#opening !== file) return;
      this.#subject = subject;
    } catch (error) {
      if (this.#opening !== file) return;
      this.#events.onError(error);
    }
    this.#truth.textContent = `What was drawn: ${truth}.`;
    this.#truth.hidden = truth === '';
    this.#settings.isVideo = this.#subject?.kind === 'video';
    this.#show();
    if (this.#subject === undefined || this.#loading > 0) return;
    if (this.#captioner !== undefined) await this.#describe();
    else this.#choice.loadEmbedded();
  }

  async #draw(): Promise<void> {
    const drawing = newDrawing(crypto.getRandomValues(new Uint32Array(1))[0]!);
    await this.open(await pngOf(drawing), drawing.text);
  }

  async #showFile(file: File): Promise<Subject> {
    if (!isVideo(file)) {
      this.#clip.hide();
      await this.#picture.show(file, () => this.#opening === file);
      return { kind: 'image', file };
    }
    this.#picture.hide();
    const address = URL.createObjectURL(file);
    this.#clip.show(file, address);
    return { kind: 'video', file, address };
  }

  #body(): HTMLElement {
    const open = ([file]: readonly File[]) => {
      if (file !== undefined) void this.open(file);
    };
    const camera = filePicker(
      'describe-camera',
      'Camera',
      { accept: 'image/*', capture: 'environment' },
      open,
    );
    camera.className = 'for-touch';
    const draw = make(
      'button',
      { type: 'button', title: 'Draw a picture of the kind that the captioner of this page knows' },
      'Draw one',
    );
    draw.addEventListener('click', () => void this.#draw());
    return make(
      'div',
      { class: 'scroll' },
      make(
        'div',
        { class: 'description' },
        make('h2', { id: 'describe-heading' }, 'Describe an image or a video'),
        make(
          'p',
          {},
          'Choose, paste or drop one, or let the page draw a picture. Each word of the caption shows where in the image the model looked.',
        ),
        make(
          'div',
          { class: 'row' },
          filePicker('describe-file', 'Image or video', { accept: MEDIA }, open),
          camera,
          draw,
        ),
        this.#choice.element,
        this.#note,
        make(
          'div',
          { class: 'seen' },
          make('div', { class: 'shown' }, this.#picture.element, this.#clip.element),
          make(
            'div',
            { class: 'said' },
            ...[this.#words.element, this.#truth, this.#others.element, this.#settings.element],
          ),
        ),
      ),
    );
  }

  #tools(): HTMLElement {
    const buttons = make('fieldset', { class: 'row', 'aria-label': 'Describing' });
    buttons.append(this.#start.element, this.#search, this.#save);
    return make('div', { class: 'tools' }, buttons, this.#bar.element);
  }

  async #load({ name, source, weights }: CaptionerRequest): Promise<void> {
    this.#loading++;
    const captioner = await this.#work(`Loading ${name}`, async ({ signal, onProgress }) => {
      const progress = ({ loaded, total }: { loaded: number; total: number }) =>
        onProgress({ done: loaded, total });
      const options = { weights, signal, onDownload: progress, onProgress: progress };
      const loaded = await loadWorkerCaptioner(source, options);
      try {
        // Fails if the captions would have no text.
        await loaded.tokenizer.decode([]);
      } catch (error) {
        loaded.dispose();
        throw error;
      }
      return loaded;
    });
    this.#loading--;
    if (captioner === undefined) return;
    this.#captioner?.dispose();
    this.#captioner = captioner;
    this.#choice.show(name);
    this.#note.hidden = source !== EMBEDDED;
    this.#bar.say(`${name} is ready.`);
    this.#show();
    if (this.#subject !== undefined) await this.#describe();
  }

  #describe(): Promise<unknown> {
    const subject = this.#subject!;
    this.#clear();
    return subject.kind === 'image' ? this.#describeImage(subject.file) : this.#describeVideo(subject);
  }

  async #describeImage(file: File): Promise<void> {
    const captioner = this.#captioner!;
    const done = await this.#work('Describing', async ({ signal }) => {
      this.#seen = await captioner.seenArea(this.#picture.size);
      const joiner = new WordJoiner();
      for await (const token of captioner.stream(file, { attention: true, signal })) {
        joiner.add(token);
        this.#words.grow(joiner.words, captioner.patches);
      }
      signal.throwIfAborted();
      return true;
    });
    this.#words.end();
    if (done) this.#bar.say(this.#words.text || 'The model wrote nothing.');
    this.#show();
  }

  async #searchOthers(): Promise<void> {
    const [{ file }, captioner] = [this.#subject!, this.#captioner!];
    const { beams } = this.#settings;
    const found = await this.#work(`Searching with ${beams} beams`, async ({ signal }) => {
      const stream = captioner.stream(file, { beams, returned: beams, attention: true, signal });
      const joiners = new Map<number, WordJoiner>();
      for await (const token of stream) {
        const joiner = joiners.get(token.index) ?? new WordJoiner();
        joiners.set(token.index, joiner);
        joiner.add(token);
      }
      signal.throwIfAborted();
      const { choices } = await stream.completion;
      return choices.map(({ index, score }) => ({
        words: joiners.get(index)?.words ?? [],
        score: score!,
      }));
    });
    if (found === undefined) return;
    this.#others.show(found);
    this.#bar.say(`Found ${counted(found.length, 'caption')}.`);
  }

  async #describeVideo({ address }: Extract<Subject, { kind: 'video' }>): Promise<void> {
    const captioner = this.#captioner!;
    const { every, change } = this.#settings;
    const done = await this.#work('Describing the video', async (how: RunningWork) => {
      const { signal } = how;
      const frames = framesOf(address, every, how);
      for await (const cue of captioner.captionFrames(frames, { change, signal })) {
        this.#cues.push(cue);
        this.#clip.add(cue);
      }
      signal.throwIfAborted();
      return true;
    });
    if (done) this.#bar.say(`Wrote ${counted(this.#cues.length, 'caption')}.`);
    this.#show();
  }

  /** Does work after the one that is in progress, which ends. Gives `undefined` if it was stopped or failed. */
  #work<T>(name: string, work: (how: RunningWork) => Promise<T>): Promise<T | undefined> {
    this.stop();
    const result = this.#latest.then(async () => {
      this.#events.onClear();
      try {
        return await this.#bar.run(name, work);
      } catch (error) {
        // The captioner was replaced meanwhile.
        if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
        return undefined;
      }
    });
    this.#latest = result;
    return result;
  }

  #clear(): void {
    this.#words.clear();
    this.#others.clear();
    this.#clip.clear();
    this.#cues = [];
  }

  #showWords(words: readonly Word[]): void {
    this.#words.clear();
    this.#words.grow(words, this.#captioner!.patches);
    this.#words.end();
  }

  #light(word: Word | undefined): void {
    if (this.#captioner !== undefined)
      this.#picture.light(word?.weights, this.#captioner.patches, this.#seen);
  }

  #saveText(): void {
    const { kind, file } = this.#subject!;
    const name = file.name.replace(/\.[^.]*$/, '');
    if (kind === 'video') saveText(webVtt(this.#cues), `${name}.vtt`);
    else saveText(`${this.#words.text}\n`, `${name}.txt`);
  }

  #show(): void {
    const { isBusy } = this.#bar;
    const canRun = this.#captioner !== undefined && this.#subject !== undefined;
    const isVideo = this.#subject?.kind === 'video';
    this.#start.show(isBusy, canRun);
    this.#search.disabled = isBusy || !canRun || isVideo;
    this.#save.disabled = isBusy || (isVideo ? this.#cues.length === 0 : this.#words.text === '');
  }
}

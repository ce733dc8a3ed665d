import { Gpt2Error, type Gpt2ErrorCode } from '../../base/errors.js';
import { parseHubId } from '../../files/hub/hub_url.js';
import type { ModelRequest } from '../model/model_request.js';
import { byId, make } from './dom.js';

/** The part of the page that failed: a model of the site, of the hub or in files, an adapter, a lesson, choices, an examination, a look inside, a description, or writing. */
export type ProblemPlace =
  | 'site'
  | 'hub'
  | 'files'
  | 'adapter'
  | 'lesson'
  | 'choices'
  | 'examining'
  | 'inside'
  | 'describing'
  | 'writing';

export interface Action {
  readonly label: string;
  act(): void;
}

export const TRY_AGAIN = 'Try again';

type Advice = Partial<Record<Gpt2ErrorCode, string>>;

const GENERAL: Advice = {
  'invalid-option': 'Change this value.',
  'invalid-file': 'The files may be incomplete: download or copy them again.',
  unsupported: 'Choose another model of the GPT-2 family.',
  'out-of-memory': 'Choose weights with fewer bits or a smaller model, or close other pages.',
  'context-full': 'Shorten the text, or turn on \u201CContinue when the context is full\u201D under More.',
  disposed: 'Load the model again.',
  network: 'Check the connection and try again. Models that were loaded before need no connection.',
  storage: 'Free some space, or choose the files again.',
  runtime: 'Use a current browser: the page needs WebAssembly with SIMD, and module workers.',
};

/** Advice for one place, which replaces the general one. */
const ADVICE: Readonly<Record<ProblemPlace, Advice>> = {
  site: { 'not-found': 'This site does not have that model. Choose another one.' },
  hub: {
    'not-found': 'Check the name. Private and gated models cannot be loaded in a page.',
  },
  files: {
    'not-found':
      'A model is a .gguf file, or a folder with config.json, its weights and the files of a tokenizer. Files of nanoGPT, llm.c and OpenAI open too.',
    'invalid-option': 'Choose only one of these files.',
  },
  adapter: {
    'not-found':
      'A LoRA adapter is a folder with adapter_config.json and adapter_model.safetensors, as PEFT saves it.',
    'invalid-file': 'The adapter may belong to another model: load that one first.',
    unsupported: 'The adapter may belong to another model: load that one first.',
  },
  lesson: {
    'not-found': 'Add the file again: it was moved or changed.',
    'invalid-file': 'Correct this file, or remove it.',
    'invalid-option': 'Correct this text or value.',
    'out-of-memory': 'Let an adapter learn instead of the whole model, or close other pages.',
    unsupported: 'Correct this file, or choose another model.',
  },
  choices: {
    'invalid-file': 'Correct this line, or choose another file.',
    'out-of-memory': 'Choose a smaller model, or close other pages.',
    storage: 'Let this site store data, or free some space.',
  },
  examining: {},
  inside: {},
  describing: {
    'not-found':
      'A captioner is a folder with config.json of a VisionEncoderDecoderModel, preprocessor_config.json, the weights and the files of a tokenizer.',
    'invalid-file': 'Choose another image or video; the files of a captioner may be incomplete.',
    unsupported: 'Choose another image, or a captioner of ViT or DeiT and GPT-2.',
    runtime: 'Load the captioner again.',
  },
  writing: { runtime: 'Load the model again.' },
};

/** The place that a failed request belongs to. */
export function placeOf({ source, adapters }: ModelRequest): ProblemPlace {
  if (adapters.length > 0) return 'adapter';
  if (typeof source !== 'string' && !(source instanceof URL)) return 'files';
  return parseHubId(String(source)) === undefined ? 'site' : 'hub';
}

/** What Chromium, Firefox and Safari say if `import()` cannot load a module: an address, or less. */
const NOT_IMPORTED = /dynamically imported module|Importing a module script failed/;

/** The failure; that of `import()` as one that says what to do. */
function named(failure: unknown): unknown {
  const isKnown = failure instanceof Gpt2Error || !(failure instanceof Error);
  if (isKnown || !NOT_IMPORTED.test(failure.message)) return failure;
  return new Gpt2Error('network', 'a part of this page could not be loaded', { cause: failure });
}

/** The notice that says what went wrong, and what to do. */
export class Problem {
  readonly #box = byId('problem', HTMLElement);
  readonly #text = byId('problem-text', HTMLElement);
  readonly #advice = byId('problem-advice', HTMLElement);
  readonly #actions = byId('problem-actions', HTMLElement);
  /** Had the focus when the notice came. */
  #focused: Element | null = null;

  /** Shows a failure with advice and buttons. Each button closes the notice before it acts. */
  show(failure: unknown, place: ProblemPlace, actions: readonly Action[] = []): void {
    const error = named(failure);
    this.#text.textContent = error instanceof Error ? error.message : String(error);
    const code = error instanceof Gpt2Error ? error.code : undefined;
    this.#advice.textContent = (code && (ADVICE[place][code] ?? GENERAL[code])) ?? '';
    const close = { label: 'Close', act: () => {} };
    this.#actions.replaceChildren(...[...actions, close].map((action) => this.#button(action)));
    if (!this.#box.contains(document.activeElement)) this.#focused = document.activeElement;
    this.#box.hidden = false;
  }

  clear(): void {
    this.#box.hidden = true;
  }

  #button({ label, act }: Action): HTMLElement {
    const button = make('button', { type: 'button' }, label);
    button.addEventListener('click', () => {
      this.clear();
      act();
      this.#returnFocus();
    });
    return button;
  }

  /** Gives the focus, which was on a button that is gone, back to where it was before, or to the current view. */
  #returnFocus(): void {
    const view = document.querySelector('nav [aria-pressed="true"]');
    for (const element of [this.#focused, view]) {
      if (this.#box.contains(document.activeElement)) (element as HTMLElement | null)?.focus();
    }
  }
}

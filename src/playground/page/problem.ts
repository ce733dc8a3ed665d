import { Gpt2Error, type Gpt2ErrorCode } from '../../base/errors.js';
import { parseHubId } from '../../files/hub/hub_url.js';
import type { Wish } from '../model/model_loader.js';
import { byId, make } from './dom.js';

/** What failed: a model from the site, the hub or the person's files, an adapter, a lesson, or the writing. */
export type ProblemPlace = 'site' | 'hub' | 'files' | 'adapter' | 'lesson' | 'writing';

export interface Action {
  readonly label: string;
  act(): void;
}

type Advice = Partial<Record<Gpt2ErrorCode, string>>;

const GENERAL: Advice = {
  'invalid-option': 'Change the value that is named.',
  'invalid-file': 'The files may be incomplete: download or copy them again.',
  unsupported: 'Another model of GPT-2\u2019s family may run.',
  'out-of-memory': 'Choose weights with fewer bits or a smaller model, or close other pages.',
  'context-full': 'Shorten the text, or turn on \u201CGo on where the context is full\u201D under More.',
  disposed: 'Load the model again.',
  network: 'Check the connection and try again. Models that were loaded before need none.',
  storage: 'Free some space, or give the files again.',
  runtime: 'A current browser has what is needed: WebAssembly with SIMD, and module workers.',
};

/** Advice that holds for one place alone. */
const ADVICE: Readonly<Record<ProblemPlace, Advice>> = {
  site: { 'not-found': 'This site does not have that model. Choose another one.' },
  hub: {
    'not-found': 'Check the name. Private models and those behind a form cannot be loaded in a page.',
  },
  files: {
    'not-found':
      'A model is a .gguf file, or a folder with config.json, model.safetensors and the files of a tokenizer.',
    'invalid-option': 'Choose one of these files alone.',
  },
  adapter: {
    'not-found':
      'A LoRA adapter is a folder with adapter_config.json and adapter_model.safetensors, as PEFT saves it.',
    'invalid-file': 'The adapter may belong to another model: load that one first.',
    unsupported: 'The adapter may belong to another model: load that one first.',
  },
  lesson: {
    'not-found': 'Add the file again: it was moved or changed.',
    'invalid-file': 'Correct the file that is named, or remove it.',
    'invalid-option': 'Correct the text or the value that is named.',
    'out-of-memory': 'Let an adapter learn in place of the whole model, or close other pages.',
    unsupported: 'Correct the file that is named, or choose another model.',
  },
  writing: {},
};

/** Where the model of a wish comes from. */
export function placeOf({ source, adapters }: Wish): ProblemPlace {
  if (adapters.length > 0) return 'adapter';
  if (typeof source !== 'string' && !(source instanceof URL)) return 'files';
  return parseHubId(String(source)) === undefined ? 'site' : 'hub';
}

/** Says what went wrong, and what to do. */
export class Problem {
  readonly #box = byId('problem', HTMLElement);
  readonly #text = byId('problem-text', HTMLElement);
  readonly #advice = byId('problem-advice', HTMLElement);
  readonly #actions = byId('problem-actions', HTMLElement);

  /** Each action closes the notice first. */
  show(error: unknown, place: ProblemPlace, actions: readonly Action[] = []): void {
    this.#text.textContent = error instanceof Error ? error.message : String(error);
    const code = error instanceof Gpt2Error ? error.code : undefined;
    this.#advice.textContent = (code && (ADVICE[place][code] ?? GENERAL[code])) ?? '';
    const close = { label: 'Close', act: () => {} };
    this.#actions.replaceChildren(...[...actions, close].map((action) => this.#button(action)));
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
    });
    return button;
  }
}

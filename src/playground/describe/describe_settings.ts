import { control } from '../page/control.js';
import { make } from '../page/dom.js';
import { type NumberLimits, numberField, numberIn } from '../sampling/number_field.js';

interface Setting extends NumberLimits {
  readonly id: string;
  readonly label: string;
  readonly meaning: string;
  readonly initial: number;
}

const BEAMS: Setting = {
  ...{ id: 'describe-beams', label: 'Beams', initial: 4, min: 2, max: 16, step: 1 },
  meaning: 'Captions that \u201CAlternatives\u201D searches for and shows. More take longer.',
};
const EVERY: Setting = {
  ...{ id: 'describe-every', label: 'Seconds between frames', initial: 1, min: 0.1, max: 60, step: 0.1 },
  meaning: 'How often the model looks at a video.',
};
const CHANGE: Setting = {
  ...{ id: 'describe-change', label: 'Least change', initial: 0.05, min: 0, max: 1, step: 0.01 },
  meaning: 'A frame gets a caption if its pixels differ by this share from the last one that has one.',
};

/** The numbers that say how images and videos are described. */
export class DescribeSettings {
  readonly #beams = numberField(BEAMS.id, BEAMS);
  readonly #every = numberField(EVERY.id, EVERY);
  readonly #change = numberField(CHANGE.id, CHANGE);
  readonly #ofVideos = [settingControl(this.#every, EVERY), settingControl(this.#change, CHANGE)];
  readonly #ofImages = settingControl(this.#beams, BEAMS);
  readonly element = make('div', { class: 'settings' }, this.#ofImages, ...this.#ofVideos);

  /** Shows the numbers for videos or those for images. */
  set isVideo(isVideo: boolean) {
    this.#ofImages.hidden = isVideo;
    for (const element of this.#ofVideos) element.hidden = !isVideo;
  }

  get beams(): number {
    return numberIn(this.#beams, BEAMS.initial, true);
  }

  /** Seconds from one frame to the next. */
  get every(): number {
    return numberIn(this.#every, EVERY.initial, false);
  }

  /** As the option `change` of `captionFrames`. */
  get change(): number {
    return numberIn(this.#change, CHANGE.initial, false);
  }
}

function settingControl(field: HTMLInputElement, { id, label, meaning, initial }: Setting): HTMLElement {
  field.value = String(initial);
  return control(id, label, field, meaning);
}

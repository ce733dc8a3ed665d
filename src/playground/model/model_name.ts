import { estimateMemory } from '../../core/layout.js';
import { byId, make } from '../page/dom.js';
import type { Loaded } from './model_loader.js';

/** Name, size and format of the current model. */
export class ModelName {
  readonly #line = byId('model-name', HTMLElement);

  /** Says something in place of the name. */
  say(text: string): void {
    this.#line.textContent = text;
  }

  /** Shows the current model. The format of given files follows, if `isCurrent` still holds when it is found. */
  show(loaded: Loaded, isCurrent: () => boolean): void {
    const { request, model } = loaded;
    const { layers, contextLength } = model.config;
    const { parameters } = estimateMemory(model.config, request.weights);
    const count = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(
      parameters,
    );
    this.#line.replaceChildren(
      make('b', {}, request.name),
      `${count} parameters, ${layers} layers, context of ${contextLength} tokens`,
    );
    if (typeof request.source !== 'string') void this.#showFormat(loaded, isCurrent);
  }

  /** Says in which format the given files of a model are. */
  async #showFormat({ request }: Loaded, isCurrent: () => boolean): Promise<void> {
    const info = await import('../../model/inspect.js')
      .then(({ inspect }) => inspect(request.source, {}))
      .catch(() => undefined);
    if (info === undefined || !isCurrent()) return;
    const heads = info.heads.map(({ task }) => `, a head for ${task}`).join('');
    this.#line.append(`${heads}, read from ${info.format}`);
  }
}

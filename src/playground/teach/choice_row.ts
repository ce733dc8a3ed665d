import { type Choice, isPreference } from '../choices/choice.js';
import { make } from '../page/dom.js';

export interface ChoiceRowEvents {
  onEdit(): void;
  onDelete(): void;
}

/** Characters of the end of a prompt that are shown. */
const SHOWN_PROMPT = 160;

/** A row of the list of choices. `number` tells the buttons of the rows apart. */
export function choiceRow(
  choice: Choice,
  number: number,
  { onEdit, onDelete }: ChoiceRowEvents,
): HTMLElement {
  const { prompt, model, time } = choice;
  const when = new Date(time).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
  const kind = isPreference(choice) ? 'Preference' : 'Thumb';
  const texts = isPreference(choice)
    ? [answer('Chosen', choice.chosen, 'good'), answer('Rejected', choice.rejected, 'bad')]
    : [answer(choice.label ? 'Good' : 'Bad', choice.completion, choice.label ? 'good' : 'bad')];
  const end = prompt.length > SHOWN_PROMPT ? `\u2026${prompt.slice(-SHOWN_PROMPT)}` : prompt;
  return make(
    'li',
    {},
    make('p', { class: 'meaning' }, [kind, model, when].filter((part) => part !== '').join(' \u00B7 ')),
    make('p', { class: 'sample before', dir: 'auto' }, end),
    ...texts,
    make('div', { class: 'row' }, rowButton('Edit', number, onEdit), rowButton('Delete', number, onDelete)),
  );
}

function answer(mark: string, text: string, kind: 'good' | 'bad'): HTMLElement {
  return make(
    'div',
    { class: `answer ${kind}` },
    make('b', {}, mark),
    make('p', { class: 'sample', dir: 'auto' }, text),
  );
}

function rowButton(label: string, number: number, onClick: () => void): HTMLElement {
  const button = make(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': `${label} choice ${number}` },
    label,
  );
  button.addEventListener('click', onClick);
  return button;
}

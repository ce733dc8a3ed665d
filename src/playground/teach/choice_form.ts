import { type Choice, isPreference, problemOf } from '../choices/choice.js';
import { make } from '../page/dom.js';

export interface ChoiceFormEvents {
  onSave(choice: Choice): void;
  onCancel(): void;
}

/** A form to edit a choice, in place of its row. */
export function choiceForm(choice: Choice, { onSave, onCancel }: ChoiceFormEvents): HTMLElement {
  const prompt = field('Prompt', choice.prompt);
  const wrong = make('p', { class: 'meaning wrong', role: 'alert' });
  const save = make('button', { type: 'submit' }, 'Save');
  const cancel = make('button', { type: 'button', class: 'quiet' }, 'Cancel');
  cancel.addEventListener('click', onCancel);
  const [fields, edited] = isPreference(choice) ? ofPreference(choice) : ofThumb(choice);
  const form = make('form', {}, prompt, ...fields, wrong, make('div', { class: 'row' }, save, cancel));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const changed: Choice = { ...edited(), prompt: textIn(prompt) };
    const problem = problemOf(changed);
    wrong.textContent = problem === undefined ? '' : `The choice ${problem}.`;
    if (problem === undefined) onSave(changed);
  });
  return make('li', {}, form);
}

type Fields = readonly [elements: readonly HTMLElement[], edited: () => Choice];

function ofPreference(choice: Extract<Choice, { chosen: string }>): Fields {
  const chosen = field('Chosen', choice.chosen);
  const rejected = field('Rejected', choice.rejected);
  return [[chosen, rejected], () => ({ ...choice, chosen: textIn(chosen), rejected: textIn(rejected) })];
}

function ofThumb(choice: Exclude<Choice, { chosen: string }>): Fields {
  const completion = field('Continuation', choice.completion);
  const label = make(
    'select',
    {},
    make('option', { value: 'good' }, 'good'),
    make('option', { value: 'bad' }, 'bad'),
  );
  label.value = choice.label ? 'good' : 'bad';
  return [
    [completion, make('label', {}, 'It is ', label)],
    () => ({ ...choice, completion: textIn(completion), label: label.value === 'good' }),
  ];
}

function field(label: string, value: string): HTMLElement {
  const area = make('textarea', { dir: 'auto', rows: '3', spellcheck: 'false' });
  area.value = value;
  return make('label', { class: 'field' }, label, area);
}

const textIn = (label: HTMLElement) => label.querySelector('textarea')!.value;

import { make } from '../page/dom.js';

export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A field for a number. */
export function numberField(id: string, { min, max, step }: NumberLimits): HTMLInputElement {
  return make('input', {
    id,
    type: 'number',
    min: String(min),
    max: String(max),
    step: String(step),
    inputmode: 'decimal',
  });
}

/** The number in a field, moved into the limits of the field; `initial` if the field is empty. */
export function numberIn({ value, min, max }: HTMLInputElement, initial: number, isInteger: boolean): number {
  const typed = value === '' ? initial : Number(value);
  const number = isInteger ? Math.round(typed) : typed;
  return Math.min(Number(max), Math.max(Number(min), number));
}

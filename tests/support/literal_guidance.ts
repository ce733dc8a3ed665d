import { mix } from '../../src/generate/guidance/mix.js';
import { type FakeCore, NaiveRow } from './fake_core.js';

/** How a text is guided: by the scale after a negative context, and by experts with weights. */
export interface LiteralGuidance {
  readonly guidance?: number;
  /** Default: the last token of the prompt. */
  readonly negative?: readonly number[];
  readonly experts?: readonly { readonly core: FakeCore; readonly weight: number }[];
}

/** A row of the guided logits [V] after a text, and what beams subtract from it. */
export function guidedRow(
  core: FakeCore,
  prompt: readonly number[],
  generated: readonly number[],
  { guidance = 1, negative = prompt.slice(-1), experts = [] }: LiteralGuidance,
): { readonly row: NaiveRow; readonly sum: number } {
  const logitsOf = (of: FakeCore, text: readonly number[]) => Float32Array.from(of.logitsOf(text));
  const text = [...prompt, ...generated];
  const own = logitsOf(core, text);
  const row = new NaiveRow(new Float32Array(own.length), core.hiddenOf(text));
  const sum = mix(row, {
    own,
    experts: experts.map((expert) => ({ values: logitsOf(expert.core, text), weight: expert.weight })),
    negative:
      guidance === 1 ? undefined : { values: logitsOf(core, [...negative, ...generated]), weight: guidance },
  });
  return { row, sum };
}

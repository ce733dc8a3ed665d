import type { JsonObject } from '../../files/json_object.js';

/** Values of `peft_type` of adapters that are vectors before a text. */
export const SOFT_PROMPT_TYPES: readonly unknown[] = ['PROMPT_TUNING', 'P_TUNING'];

/** Whether an adapter's config is that of a soft prompt. */
export const isSoftPrompt = ({ peft_type }: JsonObject): boolean => SOFT_PROMPT_TYPES.includes(peft_type);

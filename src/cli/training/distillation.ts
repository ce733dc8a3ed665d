import { type DistillationOptions, HARD_SHARE } from '../../train/distillation/options.js';
import type { Flag } from '../options/flag.js';
import { MODEL } from '../options/model_flags.js';

const DISTILLATION = 'Distillation:';

/** Values of the flags below. */
export interface DistillationValues {
  readonly teacher?: readonly string[];
  readonly hardShare?: number;
  readonly teacherTexts?: number;
}

/** Flags of a run that learns from other models. */
export const DISTILLATION_FLAGS: Readonly<Record<keyof DistillationValues, Flag>> = {
  teacher: {
    group: DISTILLATION,
    value: 'path|id',
    parse: (model: string, previous: readonly string[] = []) => [...previous, model],
    help: `a model of the same vocabulary to learn from, of several the mean: ${MODEL}`,
    isRepeatable: true,
    standard: 'none',
  },
  hardShare: {
    group: DISTILLATION,
    value: 'share',
    help: "weight of the data's own tokens beside the teachers' distributions",
    range: '0 to below 1',
    standard: HARD_SHARE,
  },
  teacherTexts: {
    group: DISTILLATION,
    value: 'count',
    help: 'number of texts that the teachers write before the first step, which are learned beside the data',
    range: '0 or more',
    standard: 0,
  },
};

/** The options of a run that the flags say. */
export function distillationOptions(values: DistillationValues): DistillationOptions {
  const { teacher: teachers, hardShare, teacherTexts } = values;
  return {
    ...(teachers && { teachers }),
    ...(hardShare !== undefined && { hardShare }),
    ...(teacherTexts !== undefined && { teacherTexts }),
  };
}

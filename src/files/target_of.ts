import { openTarget } from './platform.js';
import type { ModelTarget } from './target.js';

/** The place that a path of a folder names, or a target that the caller has. */
export const targetOf = (target: string | ModelTarget): ModelTarget =>
  typeof target === 'string' ? openTarget(target) : target;

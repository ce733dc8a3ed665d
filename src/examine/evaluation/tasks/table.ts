import type { TaskOrGroup } from '../config/task_config.js';

/** The tasks and groups of the package by name, loaded on demand. */
export const TASKS: Readonly<Record<string, () => Promise<TaskOrGroup>>> = {
  arc: () => import('./arc.js').then((m) => m.arc),
  arc_challenge: () => import('./arc.js').then((m) => m.arcChallenge),
  arc_easy: () => import('./arc.js').then((m) => m.arcEasy),
  blimp: () => import('./blimp.js').then((m) => m.blimp),
  boolq: () => import('./boolq.js').then((m) => m.boolq),
  hellaswag: () => import('./hellaswag.js').then((m) => m.hellaswag),
  lambada: () => import('./lambada.js').then((m) => m.lambada),
  lambada_openai: () => import('./lambada.js').then((m) => m.lambadaOpenai),
  lambada_standard: () => import('./lambada.js').then((m) => m.lambadaStandard),
  openbookqa: () => import('./openbookqa.js').then((m) => m.openbookqa),
  piqa: () => import('./piqa.js').then((m) => m.piqa),
  sciq: () => import('./sciq.js').then((m) => m.sciq),
  wikitext: () => import('./wikitext.js').then((m) => m.wikitext),
  winogrande: () => import('./winogrande.js').then((m) => m.winogrande),
};

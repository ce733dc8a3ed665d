import type { ThreadRequest } from '../../host/threads.js';
import type { TrainingStep } from '../../train/training_step.js';
import type { WireError, WireSource } from '../../worker/protocol.js';
import type { ChoicePlan } from '../choices/choice_plan.js';
import type { Adapter } from '../model/model_request.js';

// Messages between the page and the worker that trains.

interface AnyLesson {
  readonly source: WireSource;
  /** Adapters of the model. */
  readonly adapters: readonly Adapter[];
  readonly name: string;
  /** Context length of the model, which limits the length of a row. */
  readonly contextLength: number;
  readonly learningRate: number;
  /** Beginning of the samples. */
  readonly prompt: string;
}

/** A run of training on a text. */
export interface TextLesson extends AnyLesson {
  /** Text to learn from. */
  readonly files: readonly File[];
  /** Train an adapter, and leave the model unchanged. */
  readonly isAdapter: boolean;
  readonly steps: number;
}

/** A run of training an adapter on choices. */
export interface ChoiceLesson extends AnyLesson {
  readonly choices: ChoicePlan;
  readonly isAdapter: true;
  /** Passes over the choices. */
  readonly epochs: number;
}

export type Lesson = TextLesson | ChoiceLesson;

/** Measures of a lesson from choices: of others that were held out. */
export interface Accuracy {
  /** Number of held-out preferences or thumbs. */
  readonly examples: number;
  /** Share of pairs in which the better continuation gained more than the other; 0.5 is chance. */
  readonly share: number;
}

export type LessonCommand =
  | { readonly command: 'begin'; readonly lesson: Lesson }
  | { readonly command: 'resume' }
  /** Stops after the current step. */
  | { readonly command: 'stop' }
  /** Writes the trained model in its current state. */
  | { readonly command: 'save' }
  /** Writes the whole model as one file, from the saved files. */
  | { readonly command: 'pack'; readonly saved: Saved };

export type Report =
  /** A sentence about what is done before training starts. */
  | { readonly report: 'preparing'; readonly text: string }
  /** Training starts. A sentence says what the steps learn from. */
  | { readonly report: 'ready'; readonly steps: number; readonly about: string }
  | { readonly report: 'step'; readonly step: TrainingStep }
  | { readonly report: 'sample'; readonly step: number; readonly text: string }
  /** Measures of a lesson from choices, if some were held out. */
  | { readonly report: 'accuracy'; readonly accuracy: Accuracy }
  /** Training has stopped until the next command. */
  | { readonly report: 'rest'; readonly finished: boolean }
  | { readonly report: 'saved'; readonly saved: Saved }
  /** `undefined` if GGUF cannot describe the model. */
  | { readonly report: 'packed'; readonly gguf: File | undefined }
  | { readonly report: 'error'; readonly error: WireError };

/** Asks the page to create a thread of the trainer. */
export interface ThreadReport {
  readonly report: 'thread';
  readonly thread: ThreadRequest;
}

/** A trained model or adapter. */
export interface Saved {
  /** Files of the model in the format of Hugging Face, or of the adapter. */
  readonly files: readonly File[];
  readonly isAdapter: boolean;
}

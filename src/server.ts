import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export { createHandler } from './server/create_handler.js';
export type {
  AccessEntry,
  CloseOptions,
  Handler,
  HandlerOptions,
  Limits,
  ModelLoader,
  ServedAdapters,
  ServedModel,
} from './server/handler_options.js';
export type { Feedback, FeedbackMessage, JudgedAnswer, PreferredAnswer } from './server/users/feedback.js';
export type { ServedUsers, UserAdapters } from './server/users/served_users.js';

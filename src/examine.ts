import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export type { AnyModel } from './examine/any_model.js';
export type { Work, WorkProgress } from './model/remote_models.js';

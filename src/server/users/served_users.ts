import { invalidOption } from '../../base/check_options.js';
import { isJsonObject } from '../../files/json_object.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Feedback } from './feedback.js';

/** The adapters of a user as they are now. */
export interface UserAdapters {
  /** Changes whenever the adapters do: a hash, or sizes and times of files. */
  readonly version: string;
  /** As `model.withAdapters` takes them. */
  readonly adapters: readonly AdapterChoice[];
}

/** The users of a server. Requests name them by OpenAI's parameter `user`, any text. */
export interface ServedUsers {
  /**
   * The adapters of a user for the first model of `models`, beside those of a served name; undefined for a user who has
   * none. Called for each request of a user, and again after the adapters were loaded.
   */
  adapters(user: string): Promise<UserAdapters | undefined>;
  /**
   * Keeps what a user says of an answer; `model` is the served name. Default: `/v1/feedback` is refused. Throws
   * `invalid-option` for a name that no user can have.
   */
  feedback?(user: string, feedback: Feedback, model: string): Promise<void>;
}

/** Throws `invalid-option`. */
export function checkUsers(users: ServedUsers | undefined): void {
  if (users === undefined) return;
  const isRight =
    isJsonObject(users) &&
    typeof users.adapters === 'function' &&
    ['function', 'undefined'].includes(typeof users.feedback);
  if (!isRight) throw invalidOption('users', users, 'an object with the functions adapters and feedback');
}

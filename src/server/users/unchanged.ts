import { show } from '../../base/check_options.js';
import type { Served } from '../models/served.js';
import type { UserAdapters } from './served_users.js';

/** The adapters of a user have changed while they were read. */
export class ChangedAdapters extends Error {}

/**
 * A model with the adapters of a user, which had this version before they were read. Throws `ChangedAdapters`, and disposes
 * the model, if they have another one now.
 */
export async function unchanged(
  user: string,
  version: string,
  made: Promise<Served>,
  current: () => Promise<UserAdapters | undefined>,
): Promise<Served> {
  const [read] = await Promise.allSettled([made]);
  const now = await current().catch(() => undefined);
  if (now?.version === version) return made;
  if (read.status === 'fulfilled') read.value.model.dispose();
  throw new ChangedAdapters(`the adapters of user ${show(user)} changed while they were read`);
}

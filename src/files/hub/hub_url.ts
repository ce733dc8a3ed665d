import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isInside } from '../source.js';
import { isWhole, type WantedFiles } from '../wanted_files.js';

/** The hub for ids if no other endpoint is set. */
export const DEFAULT_ENDPOINT = 'https://huggingface.co';

/** A model on a hub: a repository, or one file of it. */
export interface HubId {
  /** `owner/name`, or what `dataSetRepo` gives */
  readonly repo: string;
  /** Path of the file in the repository. */
  readonly file?: string;
}

/**
 * As the hub allows them: letters, digits and `-_.`, but no `--` and `..`, and no `-` or `.` at either end.
 */
const NAME = /^(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/;

/**
 * The parts of `owner/name` or `owner/name:file.gguf`; `undefined` for any other text, such as a path or a
 * URL. A name that ends in `.gguf` is taken for a file on this machine.
 */
export function parseHubId(text: string): HubId | undefined {
  const colon = text.indexOf(':');
  const repo = colon < 0 ? text : text.slice(0, colon);
  const [owner, name, ...rest] = repo.split('/');
  if (name === undefined || rest.length > 0 || !NAME.test(owner!) || !NAME.test(name)) return undefined;
  if (colon < 0) return /\.gguf$/i.test(name) ? undefined : { repo };
  const file = text.slice(colon + 1);
  return isInside(file) ? { repo, file } : undefined;
}

/** Throws `invalid-option` if the revision or the file of a model is not valid. */
export function checkHubModel(
  { repo, file }: HubId,
  revision: unknown,
  wanted: Pick<WantedFiles, 'extensions'>,
): void {
  if (typeof revision !== 'string' || !isInside(revision)) {
    throw invalidOption('revision', revision, 'a branch, a tag or a commit');
  }
  if (file !== undefined && !isWhole(file, wanted)) {
    throw new Gpt2Error(
      'invalid-option',
      `${repo}:${file} does not name a ${wanted.extensions.join(' or ')} file; other models have several files: give ${repo}`,
    );
  }
}

/** Prefix of the path of a data set's repository; its id is `owner/name` too. */
const DATA_SETS = 'datasets/';

/** The repository of a data set: `datasets/owner/name`. Throws `invalid-option` if `id` is not `owner/name`. */
export function dataSetRepo(id: string): string {
  if (parseHubId(id)?.repo === id) return `${DATA_SETS}${id}`;
  throw invalidOption('dataset_path', id, 'the id of a data set on the hub, owner/name');
}

/** Whether a repository is one of `dataSetRepo`, and its id. */
export function kindOf(repo: string): { readonly type: 'model' | 'dataset'; readonly name: string } {
  const isDataSet = repo.startsWith(DATA_SETS) && repo.split('/').length === 3;
  return isDataSet ? { type: 'dataset', name: repo.slice(DATA_SETS.length) } : { type: 'model', name: repo };
}

/** The page of a repository, where its terms can be accepted. */
export function repoUrl(endpoint: string, repo: string): string {
  return `${endpoint}/${repo}`;
}

/**
 * The address of the bytes of a file; `revision` is a branch, a tag or a commit. The answer may redirect
 * elsewhere.
 */
export function fileUrl(endpoint: string, repo: string, revision: string, path: string): string {
  const encodedPath = path.split('/').map(encodeURIComponent).join('/');
  return `${repoUrl(endpoint, repo)}/resolve/${encodeURIComponent(revision)}/${encodedPath}`;
}

import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedModel } from '../../files/folder/embedded_models.js';
import type { Source } from '../../files/source_options.js';

/** A model named on the command line, or the one in the package. */
export interface ModelSource {
  readonly source: Source;
  /** Name of the model in results. */
  readonly name: string;
}

/** The model of a path or id; the one in the package if none is given. */
export function modelSource(path: string | undefined): ModelSource {
  if (path !== undefined) return { source: path, name: path };
  return { source: embeddedModel, name: parse(fileURLToPath(embeddedModel)).name };
}

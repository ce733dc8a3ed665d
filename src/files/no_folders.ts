// The functions of folder/ that training and evaluation use, for runtimes without a file system: each throws
// `invalid-option`.
import { Gpt2Error } from '../base/errors.js';
import type * as node from './platform.js';

export const openTarget: typeof node.openTarget = (path) => {
  throw noFolder(path);
};

export const openTrainingStateStore: typeof node.openTrainingStateStore = (path) => {
  throw noFolder(path);
};

export const openDataSet: typeof node.openDataSet = async (id) => {
  throw new Gpt2Error(
    'invalid-option',
    `the data set ${JSON.stringify(id)} of the hub can only be read in Node, Deno and Bun; give its documents here`,
  );
};

export const openLineLog: typeof node.openLineLog = async (path) => {
  throw noFolder(path);
};

export const dataFiles: typeof node.dataFiles = async () => {
  throw new Gpt2Error(
    'invalid-option',
    'dataFiles reads paths, which only Node, Deno and Bun have; use blobDataFile for the files of a page',
  );
};

function noFolder(path: string): Gpt2Error {
  return new Gpt2Error(
    'invalid-option',
    `${JSON.stringify(path)} is no place to write to here; give an object with the functions of one`,
  );
}

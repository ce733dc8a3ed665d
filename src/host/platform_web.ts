// The functions of runtimes without Node's modules: pages, workers, the edge.
import type * as node from './platform.js';
import { compileResponse } from './web_binary.js';
import { borrowThreads as borrow, webThreads } from './web_threads.js';

export const compileFile: typeof node.compileFile = compileResponse;

export const threadPlatform: typeof node.threadPlatform = webThreads;

export const borrowThreads: typeof node.borrowThreads = borrow;

/** Pages cannot know how much memory is free. */
export const availableMemory: typeof node.availableMemory = () => Infinity;

// The functions of Node, Deno and Bun. In the modules for other runtimes, rollup replaces every `platform.ts`
// by the `platform_web.ts` beside it.
import { compileFile as compileByName } from './node_binary.js';
import { nodeThreads } from './node_threads.js';
import type { AskForThread, ThreadPlatform } from './threads.js';

export { availableMemory } from './node_memory.js';

/**
 * Compiles a binary of the package, here by its name, elsewhere from the address `url()`. Throws `not-found`,
 * `network`.
 */
export const compileFile: (name: string, url: () => URL) => Promise<WebAssembly.Module> = compileByName;

/** Starts the threads of a model; undefined without workers. Deno and Bun have Node's workers. */
export const threadPlatform: ThreadPlatform | undefined = nodeThreads;

/** Lets the owner of this worker create the threads of its models. */
export const borrowThreads: ((ask: AskForThread) => void) | undefined = undefined;

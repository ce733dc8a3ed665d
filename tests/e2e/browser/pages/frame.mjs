// The script of a page in a frame: tells the page around it what `run` of worker_threads.mjs gives.
import { run } from './worker_threads.mjs';

run({ threads: 2 }).then(
  (result) => parent.postMessage({ result }),
  (error) => parent.postMessage({ error: String(error) }),
);

// Script of a page in a frame: sends the result of `run` in worker_threads.mjs to the page around it.
import { run } from './worker_threads.mjs';

run({ threads: 2 }).then(
  (result) => parent.postMessage({ result }),
  (error) => parent.postMessage({ error: String(error) }),
);

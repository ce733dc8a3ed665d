// What a module worker of browsers runs.
import { serveJobs } from './core/threads/serve_jobs.js';

self.onmessage = async ({ data: { start, messages = self } }) => {
  if (messages !== self) {
    await new Promise((resolve) => {
      messages.onmessage = resolve;
    });
  }
  // Thrown outside of a promise it reaches the other side's `onerror` everywhere.
  serveJobs(start, (message) => messages.postMessage(message)).catch((error) => reportError(error));
};
self.onmessageerror = () => reportError(new Error('the memory of the model cannot be shared with it'));

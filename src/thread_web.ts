// The script of a thread in the module workers of browsers.
import { serveJobs } from './core/threads/serve_jobs.js';

self.onmessage = async ({ data: { start, messages = self } }) => {
  if (messages !== self) {
    await new Promise((resolve) => {
      messages.onmessage = resolve;
    });
  }
  // Errors in promises do not reach the other side's `onerror` in every browser; reported ones do.
  serveJobs(start, (message) => messages.postMessage(message)).catch((error) => reportError(error));
};
self.onmessageerror = () => reportError(new Error('the memory of the model cannot be shared with it'));

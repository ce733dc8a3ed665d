// What a module worker of browsers runs.
import { serveJobs } from '../core/threads/serve_jobs.js';

self.onmessage = ({ data }) => {
  // Thrown outside of a promise it reaches the other side's `onerror` everywhere.
  serveJobs(data, (message) => self.postMessage(message)).catch((error) => reportError(error));
};

import type { Captioner } from '../../vision/captioner.js';
import { loadCaptioner } from '../../vision/load_captioner.js';
import type { ModelValues } from '../options/model_flags.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

/** Values of the flags that decide which captioner a command computes with, and how. */
export type CaptionerValues = Omit<ModelValues, 'model' | 'adapter'> & { readonly model: string };

/** Loads the captioner of a command, with progress on stderr. */
export async function captionerForCommand(values: CaptionerValues, signal: AbortSignal): Promise<Captioner> {
  const {
    model,
    revision,
    contextLength,
    weights,
    kvCache,
    maxMemory,
    build = 'auto',
    threads = 'auto',
  } = values;
  const download = reportProgress(process.stderr, 'downloading', values);
  const progress = reportProgress(process.stderr, 'loading', values);
  try {
    return await loadCaptioner(model, {
      ...{ revision, contextLength, weights, kvCache, maxMemory, build, threads, signal },
      onDownload: (state) => download.update(state),
      onProgress: (state) => {
        download.end();
        progress.update(state);
      },
    });
  } finally {
    download.end();
    progress.end();
  }
}

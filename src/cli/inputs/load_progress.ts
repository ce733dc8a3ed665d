import type { LoadModelOptions } from '../../model/load_options.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

/** Runs `load` with options that show on stderr how much is downloaded, then loaded, until it has ended. */
export async function withLoadProgress<R>(
  values: Parameters<typeof reportProgress>[2],
  load: (options: Required<Pick<LoadModelOptions, 'onDownload' | 'onProgress'>>) => Promise<R>,
): Promise<R> {
  const download = reportProgress(process.stderr, 'downloading', values);
  const progress = reportProgress(process.stderr, 'loading', values);
  try {
    return await load({
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

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes files below a folder, by path. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Uses a temporary folder with these files. */
export async function inFolder(
  files: Readonly<Record<string, Uint8Array | string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-folder-'));
  try {
    writeFiles(folder, files);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { webVtt } from '../../../src/vision.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-video-'));
const example = join(folder, 'video-captions');
test.before(() => {
  for (const name of ['captions', 'video-captions']) {
    cpSync(join(ROOT, 'examples', name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  }
  mkdirSync(join(example, 'node_modules'));
  symlinkSync(ROOT, join(example, 'node_modules/gpt2-wasm'), 'junction');
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('each scene of the clip has the right caption, and the video and its subtitles are written', async () => {
  const ours = (path: string) => import(pathToFileURL(join(folder, path)).href);
  const { SCENES, SECONDS_OF_SCENE, SIZE } = await ours('video-captions/clip.js');
  const { captionOf } = await ours('captions/grammar.js');
  const expected = SCENES.map((scene: object, i: number) => ({
    start: SECONDS_OF_SCENE * i,
    end: SECONDS_OF_SCENE * (i + 1),
    text: captionOf(scene),
  }));
  const run = spawn(process.execPath, ['main.js', '--out', 'my'], { cwd: example });
  const [shown, errors] = await Promise.all([text(run.stdout), text(run.stderr)]);
  assert.is(errors, 'mpv --sub-file=my.vtt my.y4m\n');
  const lines = expected.map(
    (cue: { start: number; end: number; text: string }) => `${cue.start} s to ${cue.end} s: ${cue.text}\n`,
  );
  assert.is(shown, lines.join(''));
  const readme = readFileSync(join(example, 'README.md'), 'utf8');
  assert.ok(readme.includes(lines.join('')), 'README.md shows these lines');
  assert.is(readFileSync(join(example, 'my.vtt'), 'utf8'), webVtt(expected));
  const video = readFileSync(join(example, 'my.y4m'));
  const { width, height } = SIZE;
  const head = `YUV4MPEG2 W${width} H${height} F4:1 Ip A1:1 C444\n`;
  assert.is(video.subarray(0, head.length).toString(), head);
  const frames = 4 * SECONDS_OF_SCENE * SCENES.length;
  assert.is(video.length, head.length + frames * ('FRAME\n'.length + 3 * width * height));
});

test.run();

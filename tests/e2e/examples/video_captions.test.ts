import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Frame, loadCaptioner, webVtt } from '../../../src/vision.js';
import { withIdTokenizer } from '../../support/captioners.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-video-'));

test.before(() => {
  cpSync(join(ROOT, 'examples/video-captions'), folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/gpt2-wasm'), 'junction');
  mkdirSync(join(folder, 'captioner'));
  for (const [name, bytes] of Object.entries(withIdTokenizer('vit-gpt2')))
    writeFileSync(join(folder, 'captioner', name), bytes);
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('each scene of the clip has one caption, and the video and its subtitles are written', async () => {
  const { frames, SIZE, SECONDS_OF_SCENE } = await import(pathToFileURL(join(folder, 'clip.js')).href);
  const clip: Frame[] = [...frames(4)];
  const captioner = await loadCaptioner(join(folder, 'captioner'), { weights: 'q8' });
  // One caption a scene, of its first frame; scenes of one text would share a cue.
  const firsts = clip.filter(({ time }) => time % SECONDS_OF_SCENE === 0);
  const captions = await captioner.caption(
    firsts.map(({ image }) => image),
    { maxTokens: 20 },
  );
  captioner.dispose();
  const expected = captions.map(({ text }, i) => ({
    start: SECONDS_OF_SCENE * i,
    end: SECONDS_OF_SCENE * (i + 1),
    text,
  }));
  assert.is(new Set(expected.map((cue) => cue.text)).size, 3);

  const run = spawn(process.execPath, ['main.js', 'captioner', 'my'], { cwd: folder });
  const [shown, errors] = await Promise.all([text(run.stdout), text(run.stderr)]);
  assert.is(errors, 'mpv --sub-file=my.vtt my.y4m\n');
  assert.is(shown, expected.map(({ start, end, text }) => `${start} s to ${end} s: ${text}\n`).join(''));
  assert.is(readFileSync(join(folder, 'my.vtt'), 'utf8'), webVtt(expected));
  const video = readFileSync(join(folder, 'my.y4m'));
  const { width, height } = SIZE;
  const head = `YUV4MPEG2 W${width} H${height} F4:1 Ip A1:1 C444\n`;
  assert.is(video.subarray(0, head.length).toString(), head);
  assert.is(video.length, head.length + clip.length * ('FRAME\n'.length + 3 * width * height));
});

test.run();

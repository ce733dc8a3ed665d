import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { embeddedCaptioner, loadCaptioner, webVtt } from 'gpt2-wasm/vision';
import { frames, SIZE } from './clip.js';
import { frame, head } from './y4m.js';

const USAGE = `Usage: node main.js [options]
Draws a clip, captions it, and writes the video and its subtitles, NAME.y4m and NAME.vtt.

  --model CAPTIONER  folder of another captioner, or its id on the hub (default: that of the package)
  --out NAME         path of the two files without their endings (default: clip)
`;
/** Frames a second. */
const RATE = 4;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    out: { type: 'string', default: 'clip' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(USAGE);
else await describe(values);

async function describe({ model, out }) {
  const video = [head(SIZE, RATE), ...Array.from(frames(RATE), ({ image }) => frame(image))];
  await writeFile(`${out}.y4m`, Buffer.concat(video));
  const captioner = await loadCaptioner(model ?? embeddedCaptioner, { weights: 'q8' });
  const cues = [];
  try {
    for await (const cue of captioner.captionFrames(frames(RATE), { change: 0.02, maxTokens: 40 })) {
      console.log(`${cue.start} s to ${cue.end} s: ${cue.text}`);
      cues.push(cue);
    }
  } finally {
    captioner.dispose();
  }
  await writeFile(`${out}.vtt`, webVtt(cues));
  console.error(`mpv --sub-file=${out}.vtt ${out}.y4m`);
}

// node main.js [CAPTIONER] [NAME]: draws a clip, captions it, and writes NAME.y4m and NAME.vtt beside each other.
import { writeFile } from 'node:fs/promises';
import { loadCaptioner, webVtt } from 'gpt2-wasm/vision';
import { frames, SIZE } from './clip.js';
import { frame, head } from './y4m.js';

/** Frames a second. */
const RATE = 4;
const [source = 'nlpconnect/vit-gpt2-image-captioning', name = 'clip'] = process.argv.slice(2);

const video = [head(SIZE, RATE), ...Array.from(frames(RATE), ({ image }) => frame(image))];
await writeFile(`${name}.y4m`, Buffer.concat(video));

const captioner = await loadCaptioner(source, { weights: 'q8' });
const cues = [];
try {
  for await (const cue of captioner.captionFrames(frames(RATE), { change: 0.1, maxTokens: 20 })) {
    console.log(`${cue.start} s to ${cue.end} s: ${cue.text}`);
    cues.push(cue);
  }
} finally {
  captioner.dispose();
}
await writeFile(`${name}.vtt`, webVtt(cues));
console.error(`mpv --sub-file=${name}.vtt ${name}.y4m`);

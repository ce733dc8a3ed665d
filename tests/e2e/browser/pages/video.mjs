import { videoFrames } from '/build/web/vision.js';

/** Times and sizes of the frames of a video that the page records. */
export async function run({ width, height, every }) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const video = await recording(canvas);
  const frames = [];
  for await (const { time, image } of videoFrames(video, { every })) {
    frames.push([time, image.videoWidth, image.videoHeight]);
  }
  return frames;
}

/** A video of a canvas, as a page records it: its length is unknown at first. */
async function recording(canvas) {
  const recorder = new MediaRecorder(canvas.captureStream());
  const chunks = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start();
  const context = canvas.getContext('2d');
  for (let i = 0; i < 8; i++) {
    context.fillStyle = `hsl(${45 * i}deg 100% 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await stopped;
  const video = document.createElement('video');
  video.src = URL.createObjectURL(new Blob(chunks, { type: recorder.mimeType }));
  return video;
}

import './base/globals.js';

export type { EncoderConfig } from './architecture/vit/config.js';
export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export type { CaptionerConfig } from './checkpoints/vision/config.js';
export type {
  Caption,
  CaptionChoice,
  CaptionOptions,
  CaptionsOptions,
  CaptionToken,
} from './vision/caption.js';
export type { CaptionInput } from './vision/caption_input.js';
export type { Captioner, CaptionerCall } from './vision/captioner.js';
export type { LoadCaptionerOptions } from './vision/captioner_options.js';
export type { Cue, Frame, FramesOptions } from './vision/frames/frame.js';
export { type ImageFramesOptions, imageFrames } from './vision/frames/image_frames.js';
export { type SeekableVideo, type VideoFramesOptions, videoFrames } from './vision/frames/video_frames.js';
export { webVtt } from './vision/frames/web_vtt.js';
export type { ImageBytes } from './vision/images/decode_image.js';
export type { Drawable, ImageInput } from './vision/images/image_input.js';
export type { RgbImage } from './vision/images/rgb_image.js';
export type { RawPixels } from './vision/images/without_alpha.js';
export { loadCaptioner } from './vision/load_captioner.js';
export type { Patches } from './vision/patches.js';
export type { ImageSize, SeenArea } from './vision/pixels/seen_area.js';
export { embeddedCaptioner } from './vision/platform.js';
export { loadWorkerCaptioner } from './worker/load_worker_captioner.js';
export type { WorkerCaptioner } from './worker/worker_captioner.js';
export type { WorkerCaptionerOptions } from './worker/worker_captioner_options.js';

// Types that the package's own types refer to. In programs without TypeScript's `DOM` library, as for Node
// alone, they are empty; in others they merge with those of the library.

declare global {
  interface AbortSignal {}
  interface Blob {}
  interface File {}
  interface HTMLCanvasElement {}
  interface HTMLImageElement {}
  interface HTMLVideoElement {}
  interface ImageBitmap {}
  interface MessagePort {}
  interface OffscreenCanvas {}
  interface Response {}
  interface URL {}
  interface VideoFrame {}
  interface Worker {}
  namespace WebAssembly {
    interface Memory {}
    interface Module {}
  }
}

export {};

// Types that the package's own types refer to. In programs without TypeScript's `DOM` library, as for Node
// alone, they are empty; in others they merge with those of the library.

declare global {
  interface AbortSignal {}
  interface Blob {}
  interface File {}
  interface MessagePort {}
  interface Response {}
  interface URL {}
  interface Worker {}
  namespace WebAssembly {
    interface Memory {}
    interface Module {}
  }
}

export {};

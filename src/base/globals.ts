// The package's types name these. Programs whose TypeScript has no `DOM` library, as for Node alone, get them empty;
// elsewhere they merge with those of the library.

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

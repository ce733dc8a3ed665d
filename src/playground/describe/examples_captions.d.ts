// The JavaScript of examples/captions that the page uses.
declare module '*/examples/captions/examples.js' {
  interface Example {
    readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
    /** The caption of the image. */
    readonly text: string;
  }

  /** Pictures with their captions, without end. A seed always gives the same ones. */
  export function examples(seed: number): Generator<Example, never>;
}

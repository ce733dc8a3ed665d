/** The part of Trusted Types that is used. TypeScript does not know it, and older browsers lack it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: {
      readonly createHTML?: (markup: string) => string;
      readonly createScriptURL?: (url: string) => string | null;
    },
  ): { createHTML(markup: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const drawings = trustedTypes?.createPolicy('drawings', { createHTML: (markup) => markup });

/**
 * Lets the page start its own scripts as workers, and none of another place. Nothing else in the page can become
 * markup or script: its security policy requires Trusted Types.
 */
export function trustOwnScripts(): void {
  const own = new URL('.', document.baseURI).href;
  const isOwn = (url: string) => new URL(url, own).href.startsWith(own);
  trustedTypes?.createPolicy('default', { createScriptURL: (url) => (isOwn(url) ? url : null) });
}

/** An SVG element of markup that this program has written: the only markup that the page reads. */
export function svgElement(markup: string): Element {
  const trusted = drawings?.createHTML(markup) ?? markup;
  return new DOMParser().parseFromString(trusted, 'text/html').body.firstElementChild!;
}

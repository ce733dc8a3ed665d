/** Scripts of the page and of its workers are those of the site, and read models of it and of the hub alone. */
const SCRIPTS =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
  "connect-src 'self' https://huggingface.co https://*.huggingface.co https://*.hf.co";
/** No markup and no script comes from a text, except by the policies of src/playground/page/trusted_types.ts. */
const PAGE =
  "; style-src 'self'; img-src 'self'; media-src blob:; base-uri 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'; trusted-types default drawings";
const FRAMES = "; frame-ancestors 'none'";

/** The opener and embedder policies isolate the page, which browsers require for threads. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'bluetooth=(), camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/**
 * Headers of a file of the site. A worker has the security policy of its own script and not that of the page. It has no
 * document, and its threads are workers too, so that its policy requires no Trusted Types.
 */
export function siteHeaders(path: string): Readonly<Record<string, string>> {
  const policy = path.endsWith('.html') ? SCRIPTS + PAGE : SCRIPTS;
  return { 'content-security-policy': policy + FRAMES, ...HEADERS };
}

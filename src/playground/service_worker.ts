// Stores the files of the page, so that it opens offline. The library itself stores models.

/** Parts of the global scope of a service worker. */
interface Scope {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(
    type: 'install' | 'activate',
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: 'fetch',
    listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}

const scope = globalThis as unknown as Scope;
const CACHE = 'gpt2-wasm-playground';
const MODELS = 'models/';

scope.addEventListener('install', (event) => event.waitUntil(keepPage()));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const isModel = url.startsWith(new URL(MODELS, location.href).href);
  if (method === 'GET' && new URL(url).origin === location.origin && !isModel) {
    event.respondWith(answer(event.request));
  }
});

async function keepPage(): Promise<void> {
  const files: string[] = await (await fetch('files.json', { cache: 'no-cache' })).json();
  const cache = await caches.open(CACHE);
  const paths = ['./', ...files.filter((path) => !path.startsWith(MODELS))];
  await cache.addAll(paths.map((path) => new Request(path, { cache: 'no-cache' })));
  const current = new Set(paths.map((path) => new URL(path, location.href).href));
  for (const { url } of await cache.keys()) if (!current.has(url)) await cache.delete(url);
  await scope.skipWaiting();
}

/** The file from the server, which is then stored; offline the stored one. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    // Offline a file answers for each of its addresses; stored by each, it would take room without end.
    const isPlain = new URL(request.url).search === '';
    if (response.status === 200 && isPlain) await cache.put(request, response.clone()).catch(() => {});
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept === undefined) throw error;
    return kept;
  }
}

import { inBrowsers } from './browser_page.mjs';
import { projectFolder, textOfNode } from './projects.mjs';

const PROMPT = 'Once upon a time';
const HOST = '127.0.0.1';

/** Runs the page on Vite's development server, and its build. */
export async function testVite(report) {
  const vite = await import('vite');
  const root = projectFolder('vite');
  const wanted =
    PROMPT + (await textOfNode(undefined, { build: 'simd' }, PROMPT, { maxTokens: 100, seed: 7 }));
  const options = { root, logLevel: 'error' };

  const server = await vite.createServer({ ...options, server: { host: HOST, port: 5391 } });
  await server.listen();
  await inBrowsers(server.resolvedUrls.local[0], (name, got) => {
    report('vite', `development server, ${name}`, { got, wanted });
  });
  await server.close();

  await vite.build(options);
  const preview = await vite.preview({ ...options, preview: { host: HOST, port: 5392 } });
  await inBrowsers(preview.resolvedUrls.local[0], (name, got) => {
    report('vite', `built, ${name}`, { got, wanted });
  });
  await preview.close();
}

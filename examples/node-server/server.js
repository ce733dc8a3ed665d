// node server.js [MODEL]: a path, a URL or an id of the hub; default: the model in the package.
import { setTimeout } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import { createHandler } from 'gpt2-wasm/server';

const { PORT = '8080', HOST = '127.0.0.1', WEIGHTS = 'q8', API_KEY } = process.env;
const [source = embeddedModel] = process.argv.slice(2);

const model = await loadModel(source, { weights: WEIGHTS });
const handler = createHandler({ models: { main: model }, apiKey: API_KEY, onError: console.error });
const server = serve({ fetch: handler.fetch, port: Number(PORT), hostname: HOST }, ({ address, port }) => {
  console.error(`http://${address}:${port}/v1/completions`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await handler.close();
    // The last answers are on their way to slow clients; a server that is closed drops them.
    await setTimeout(1000);
    server.close(() => model.dispose());
    server.closeAllConnections();
  });
}

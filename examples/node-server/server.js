// node server.js [MODEL]: a path, a URL or an id of the hub; default: the model in the package.
import { createServer } from 'node:http';
import { embeddedModel, loadModel } from 'gpt2-wasm';
import { createApp } from './app.js';

const { PORT = '8080', HOST = '127.0.0.1', WEIGHTS = 'q8' } = process.env;
const [source = embeddedModel] = process.argv.slice(2);

const model = await loadModel(source, { weights: WEIGHTS });
const server = createServer(createApp(model, String(source)));
server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address();
  console.error(`http://${address}:${port}/v1/completions`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => model.dispose());
    server.closeAllConnections();
  });
}

import { once } from 'node:events';
import type { Command } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import type { AccessEntry, Handler } from '../../server/handler_options.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { QUIET } from '../options/output_flags.js';
import { SERVED_FLAGS, type ServedValues, servedModels } from '../serving/served_models.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput } from '../terminal/output.js';

const PORT = 8080;
const HOST = '127.0.0.1';
const LOOPBACK = /^(?:127\.|localhost$|::1$)/;
/** How long answers in progress may take when the server is to stop. */
const GRACE_MS = 10_000;

const MODELS = 'Models:';
const SERVER = 'Server:';

const DETAILS = `
The server has OpenAI's /v1/completions, /v1/chat/completions, /v1/embeddings,
/v1/moderations and /v1/models, further /v1/score, /tokenize, /detokenize,
/tokenizer_info, /health and, for Prometheus, /metrics. Any client of OpenAI's
API can use it: set the base URL to
http://127.0.0.1:${PORT}/v1.

Each request gets a line on stderr, without its texts. Ctrl-C or SIGTERM lets
answers in progress finish for ${GRACE_MS / 1000} seconds.

Examples:
  gpt2-wasm serve
  gpt2-wasm serve --model gpt2=./gpt2 --adapter poems=./poems-adapter
  gpt2-wasm serve --model gpt2=openai-community/gpt2 --weights q8
  gpt2-wasm serve --host 0.0.0.0 --port 8000 --api-key "$KEY"
  curl http://127.0.0.1:${PORT}/v1/completions -d '{"prompt": "Once upon a time"}'`;

const SERVER_FLAGS: Readonly<Record<string, Flag>> = {
  port: { value: 'number', help: 'port; 0: any free port', range: '0 to 65535', standard: PORT },
  host: {
    value: 'address',
    parse: asText,
    help: 'address to listen at; 0.0.0.0: all of this machine',
    standard: `${HOST}, which only this machine reaches`,
  },
  apiKey: {
    value: 'key',
    parse: asText,
    help: 'requests must have the header "Authorization: Bearer KEY"',
    standard: 'no key',
  },
  quiet: QUIET,
};

interface Values extends ServedValues {
  readonly port?: number;
  readonly host?: string;
  readonly apiKey?: string;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary("answer HTTP requests in the form of OpenAI's API")
    .description("Serve models over HTTP in the form of OpenAI's API.");
  addFlags(command, SERVER_FLAGS, SERVER);
  addFlags(command, SERVED_FLAGS, MODELS);
  command.addHelpOption(helpOption().helpGroup(SERVER)).addHelpText('after', DETAILS).action(serve);
}

async function serve({ port = PORT, host = HOST, apiKey, ...values }: Values): Promise<void> {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalidOption('--port', port, 'an integer from 0 to 65535');
  }
  const interrupt = new Interrupt();
  let handler: Handler | undefined;
  try {
    const models = await servedModels(values, interrupt.signal);
    const onAnswer = (entry: AccessEntry) => {
      if (!values.quiet)
        note(JSON.stringify({ time: new Date().toISOString(), ...entry, ms: Math.round(entry.ms) }));
    };
    const onError = (error: unknown) =>
      note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    // Loaded here, since no other command needs them.
    const { createHandler } = await import('../../server/create_handler.js');
    const { serveHttp } = await import('../serving/http_server.js');
    handler = createHandler({ ...models, apiKey, onAnswer, onError });
    await handler.load();
    const server = await serveHttp(handler, host, port);
    if (apiKey === undefined && !LOOPBACK.test(host)) {
      note(`warning: everybody who reaches ${host} can use this server; set --api-key`);
    }
    await new TextOutput().write(`${server.url}/v1\n`);
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    await server.close(GRACE_MS);
    process.exitCode = interrupt.exitCode;
  } catch (error) {
    interrupt.report(error, 'interrupted; nothing was served');
  } finally {
    await handler?.close();
  }
}

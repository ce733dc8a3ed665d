import type { Command } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { DEFAULT_LIMITS, isApiKey, type Limits } from '../../server/handler_options.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { QUIET } from '../options/output_flags.js';
import { WORKER_PORT } from '../serving/cluster/messages.js';
import { GRACE_MS, serveModels } from '../serving/serve_models.js';
import { SERVED_FLAGS, type ServedValues } from '../serving/served_models.js';
import { parseHost, parseLimit, parseOrigin } from '../serving/server_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput } from '../terminal/output.js';

const PORT = 8080;
const HOST = '127.0.0.1';
const LOOPBACK = /^(?:127(?:\.\d+){1,3}|localhost|::1)$/i;
const MOST_WORKERS = 256;
/** Environment variable for a key that lists of processes do not show. */
const KEY_VARIABLE = 'GPT2_WASM_API_KEY';

const MODELS = 'Models:';
const SERVER = 'Server:';

const DETAILS = `
The server has OpenAI's /v1/completions, /v1/chat/completions, /v1/embeddings,
/v1/moderations and /v1/models, further /v1/score, /v1/classify, /v1/feedback,
/tokenize, /detokenize, /tokenizer_info, /health and, for Prometheus, /metrics.
Any client of OpenAI's API can use it: set the base URL to
http://127.0.0.1:${PORT}/v1.

Each request gets a line on stderr, without its texts unless --log-requests is
given. Ctrl-C or SIGTERM lets answers in progress finish for ${GRACE_MS / 1000} seconds. With
--workers, a process that dies is started again.

Examples:
  gpt2-wasm serve
  gpt2-wasm serve --model gpt2=./gpt2 --adapter poems=./poems-adapter
  gpt2-wasm serve --model gpt2=openai-community/gpt2 --weights q8
  gpt2-wasm serve --host 0.0.0.0 --port 8000 --api-key "$KEY"
  gpt2-wasm serve --workers 4
  gpt2-wasm serve --users ~/.local/share/gpt2-wasm/users
  curl http://127.0.0.1:${PORT}/v1/completions -d '{"prompt": "Once upon a time"}'`;

/** `bodyBytes=2097152, ...` */
const LIMITS = Object.entries(DEFAULT_LIMITS)
  .map(([name, value]) => `${name}=${value}`)
  .join(', ');

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
    standard: `the environment variable ${KEY_VARIABLE}, else no key`,
  },
  origin: {
    value: 'url',
    parse: parseOrigin,
    help: 'pages of this origin, such as https://example.com, may use the server',
    isRepeatable: true,
    standard: 'no pages may',
  },
  allowHost: {
    value: 'name',
    parse: parseHost,
    help: 'requests may be for this name of the server, such as models.example.com',
    isRepeatable: true,
    standard: 'any name if there is a key or another --host, else addresses and localhost alone',
  },
  limit: {
    value: 'name=number',
    parse: parseLimit,
    help: `what requests may take: ${LIMITS}`,
    isRepeatable: true,
  },
  logRequests: { help: 'add the bodies of requests, with their texts, to the lines on stderr' },
  users: {
    value: 'dir',
    parse: asText,
    help: 'the adapter of the user that a request names, from DIR/USER/adapter, and /v1/feedback to DIR/USER',
    standard: '"user" in requests has no effect',
  },
  workers: {
    value: 'count',
    help: 'processes that share the port; each has its models and its --max-memory, and computes on one thread',
    range: `1 to ${MOST_WORKERS}`,
    standard: 'no processes beside this one',
  },
  quiet: QUIET,
};

interface Values extends ServedValues {
  readonly port?: number;
  readonly host?: string;
  readonly apiKey?: string;
  readonly origin?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly limit?: Partial<Limits>;
  readonly logRequests?: true;
  readonly users?: string;
  readonly workers?: number;
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

async function serve({
  port = PORT,
  host = HOST,
  apiKey,
  allowHost,
  workers,
  ...rest
}: Values): Promise<void> {
  checkWhole('--port', port, 0, 65_535);
  if (workers !== undefined) checkWhole('--workers', workers, 1, MOST_WORKERS);
  const key = apiKey ?? process.env[KEY_VARIABLE];
  if (key !== undefined && !isApiKey(key)) throw wrongKey(apiKey === undefined ? KEY_VARIABLE : '--api-key');
  const checked = checkedHost(host);
  const isOpen = key === undefined && LOOPBACK.test(checked);
  const hosts = allowHost ?? (isOpen ? [] : undefined);
  const values = { ...rest, host: checked, hosts, apiKey: key };
  const workerPort = process.env[WORKER_PORT];
  // Only a process that the primary has started has a channel to it.
  if (workers !== undefined && workerPort !== undefined && process.connected) {
    const { serveAsWorker } = await import('../serving/cluster/worker.js');
    await serveAsWorker({ threads: 1, ...values, port: Number(workerPort) });
    return;
  }
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const onListening = async (url: string) => {
    if (key === undefined && !LOOPBACK.test(values.host)) {
      note(`warning: everybody who reaches ${values.host} can use this server; set --api-key`);
    }
    await new TextOutput().write(`${url}/v1\n`);
  };
  try {
    if (workers === undefined) {
      await serveModels({ ...values, port }, signal, onListening);
    } else {
      const { runWorkers } = await import('../serving/cluster/primary.js');
      const options = { count: workers, port, quiet: values.quiet ?? false };
      process.exitCode = await runWorkers(options, signal, onListening);
    }
    process.exitCode ??= interrupt.exitCode;
  } catch (error) {
    interrupt.report(error, 'interrupted; nothing was served');
  }
}

function checkWhole(flag: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalidOption(flag, value, `an integer from ${least} to ${most}`);
}

/** The address, which may be in brackets, as URLs have those of IPv6. */
function checkedHost(host: string): string {
  if (host === '') throw invalidOption('--host', host, 'an address such as 127.0.0.1');
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** The message does not show the key. */
function wrongKey(name: string): Gpt2Error {
  const right = 'visible ASCII characters, which a header can carry, without spaces and line breaks';
  return new Gpt2Error('invalid-option', `${name} must be ${right}`);
}

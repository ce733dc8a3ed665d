import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { siteFiles, writeSite } from '../playground/site_files.js';
import { type SiteServer, serveSite } from '../playground/site_server.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput } from '../terminal/output.js';

/** Fixed default port, because a browser stores downloaded models separately for each address. */
const PORT = 8117;

const DETAILS = `
The page runs in your browser, and your text stays there. With --out, the page
is written to a folder that any web server can serve over https. Browsers allow
the page to use threads if the server sends these headers:
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp

Examples:
  gpt2-wasm playground
  gpt2-wasm playground --port 9000 --no-open
  gpt2-wasm playground --out public/playground`;

const PORT_FLAG: Flag = {
  value: 'number',
  help: 'port on this machine; 0: any free port',
  range: '0 to 65535',
  standard: `${PORT}, or a free port if it is in use`,
};
const OUT_FLAG: Flag = {
  value: 'dir',
  parse: asText,
  help: 'write the page to a new folder, and serve nothing',
};

interface Values {
  readonly port?: number;
  readonly open: boolean;
  readonly out?: string;
}

export function addPlayground(program: Command): void {
  const command = program
    .command('playground')
    .summary('write with a model in the browser')
    .description('Serve a page in which a model continues your text and shows alternatives of each token.');
  addFlags(command, { port: PORT_FLAG });
  // commander gives the value `open`, which is true without the flag.
  command.addOption(new Option('--no-open', 'do not open the browser'));
  addFlags(command, { out: OUT_FLAG });
  command.addHelpOption(helpOption()).addHelpText('after', DETAILS).action(playground);
}

async function playground({ port, open, out }: Values): Promise<void> {
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalidOption('--port', port, 'an integer from 0 to 65535');
  }
  const output = new TextOutput();
  if (out !== undefined) {
    await writeSite(out);
    await output.write(`${out}\n`);
    return;
  }
  const interrupt = new Interrupt();
  const server = await serve(port);
  await output.write(`${server.url}\n`);
  note('Ctrl-C ends the server');
  if (open) openBrowser(server.url);
  if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
  await server.close();
  process.exitCode = interrupt.exitCode;
}

async function serve(port: number | undefined): Promise<SiteServer> {
  const files = await siteFiles();
  if (port !== undefined) return serveSite(files, port);
  // Another playground may use the port.
  return serveSite(files, PORT).catch(() => serveSite(files, 0));
}

/** Asks the system to open an address in a browser. If it cannot, the user has the printed address. */
function openBrowser(url: string): void {
  const [program, ...args] = { darwin: ['open', url], win32: ['cmd', '/c', 'start', '', url] }[
    process.platform as string
  ] ?? ['xdg-open', url];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => note('no browser could be opened: open the address in one yourself'));
  child.unref();
}

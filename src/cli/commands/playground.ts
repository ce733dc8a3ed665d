import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import { parseNumber } from '../options/parse.js';
import { siteFiles, writeSite } from '../playground/site_files.js';
import { type SiteServer, serveSite } from '../playground/site_server.js';
import { helpOption } from '../terminal/help.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput } from '../terminal/output.js';

/** Always the same one, since a browser keeps downloaded models for each address. */
const PORT = 8117;

const DETAILS = `
The page runs in your browser: what is written there stays there. With --out it
is written to a folder that any web server can serve, over https. A server that
sends "Cross-Origin-Opener-Policy: same-origin" and
"Cross-Origin-Embedder-Policy: require-corp" lets it have threads.

Examples:
  gpt2-wasm playground
  gpt2-wasm playground --port 9000 --no-open
  gpt2-wasm playground --out public/playground`;

interface Values {
  readonly port?: number;
  readonly open: boolean;
  readonly out?: string;
}

export function addPlayground(program: Command): void {
  program
    .command('playground')
    .summary('write with a model in the browser')
    .description('Open a page in which a model continues what you write, and shows its alternatives.')
    .addOption(
      new Option(
        '--port <number>',
        `port on this machine; 0: any free one (default: ${PORT}, or a free one)`,
      ).argParser(parseNumber),
    )
    .addOption(new Option('--no-open', 'do not open the browser'))
    .addOption(new Option('--out <folder>', 'write the page to a new folder, and serve nothing'))
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action(playground);
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
  note('Ctrl-C ends it');
  if (open) openBrowser(server.url);
  if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
  await server.close();
  process.exitCode = interrupt.exitCode;
}

async function serve(port: number | undefined): Promise<SiteServer> {
  const files = await siteFiles();
  if (port !== undefined) return serveSite(files, port);
  // Another playground may run.
  return serveSite(files, PORT).catch(() => serveSite(files, 0));
}

/** Asks the system to show an address; where it cannot, the address is printed anyway. */
function openBrowser(url: string): void {
  const [program, ...args] = { darwin: ['open', url], win32: ['cmd', '/c', 'start', '', url] }[
    process.platform as string
  ] ?? ['xdg-open', url];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => note('no browser could be opened: open the address yourself'));
  child.unref();
}

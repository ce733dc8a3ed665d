import { type Command, Option } from 'commander';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkRareOptions } from '../../generate/rare_options/rare_options.js';
import { resolveOptions } from '../../generate/resolve_options.js';
import type { Model } from '../../model/model.js';
import type { ChatValues } from '../chatting/run_chat.js';
import { loadForCommand } from '../inputs/load_model.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addAnswerFlags, generateOptions } from '../options/generate_flags.js';
import { addModelFlags } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { confirm } from '../terminal/confirm.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import type { User } from '../users/users.js';

const BASICS = 'Model and output:';
const CHAT = 'Chat:';

const DETAILS = `
Each line is a message, and the answer comes as it is drawn. A line that ends
with \\ is continued in the next; text between two """ may have several lines.
Lines that begin with a slash are commands: /help lists them. Ctrl-C ends an
answer, and in an empty line the chat; so does Ctrl-D.

Messages may also come on a pipe: answers go to stdout, all else to stderr.

The dialogue is written with the model's chat template, or in lines of "User:"
and "Assistant:" if it has none. When the context is full, the oldest messages
are no longer read.

With --user, the dialogue goes on where it was left, with an adapter if there is
one in the user's folder; --users lists the folders. /good, /bad and, after
/retry, /prefer keep there what the user thinks of answers. To learn it:
  gpt2-wasm finetune --task preference --user ann --model ./gpt2

Examples:
  gpt2-wasm chat
  gpt2-wasm chat --model microsoft/DialoGPT-small
  gpt2-wasm chat --system "You tell stories." --temperature 0.7 --seed 1
  gpt2-wasm chat --model ./gpt2 --user ann
  echo "Hello!" | gpt2-wasm chat --json`;

const CHAT_FLAGS: Readonly<Record<string, Flag>> = {
  system: {
    value: 'text',
    parse: asText,
    help: 'message of the system, before all others',
    standard: 'none',
  },
  user: {
    value: 'name',
    parse: asText,
    help: "go on with this user's dialogue, and use the user's adapter",
    standard: 'a dialogue that is not kept',
  },
  users: { help: 'list the users and their folders' },
  forget: {
    value: 'name',
    parse: asText,
    help: 'delete all that is kept of a user',
    standard: 'nobody is forgotten',
  },
  yes: { help: 'with --forget: delete without asking' },
};

interface Values extends ChatValues {
  readonly user?: string;
  readonly users?: true;
  readonly forget?: string;
  readonly yes?: true;
}

export function addChat(program: Command): void {
  const command = program
    .command('chat')
    .summary('have a dialogue with a model')
    .description('Have a dialogue with a model.');
  addModelFlags(command, BASICS);
  const json = jsonFlag('one JSON object for each answer');
  addFlags(command, { json, quiet: QUIET }, BASICS);
  addFlags(command, CHAT_FLAGS, CHAT);
  // commander gives the values `history` and `userAdapter`, which are true without the flags.
  const history = 'do not read or keep the lines that the arrow keys call back';
  command.addOption(new Option('--no-history', history).helpGroup(CHAT));
  const adapter = "do not use the adapter in the user's folder";
  command.addOption(new Option('--no-user-adapter', adapter).helpGroup(CHAT));
  addAnswerFlags(command);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action(() => chat(command));
}

async function chat(command: Command): Promise<void> {
  const values = command.opts<Values>();
  const { dataFolder } = await import('../users/data_folder.js');
  const { userName, Users, usersFolder } = await import('../users/users.js');
  const folder = dataFolder();
  const users = new Users(usersFolder(folder));
  if (values.users) return listUsers(await users.list(), values.json);
  if (values.forget !== undefined) {
    const name = userName(values.forget, '--forget');
    if (!values.yes && !process.stdin.isTTY) {
      command.error('error: stdin is not a terminal to ask on; give --yes to delete');
    }
    const question = `Delete ${(await users.get(name)).folder}?`;
    if (!values.yes && !(await confirm(question))) return note('nothing was deleted');
    await users.forget(name);
    return note(`deleted what was kept of ${name}`);
  }
  const user = values.user === undefined ? undefined : await users.get(userName(values.user, '--user'));
  const options = generateOptions(command);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let model: Model | undefined;
  try {
    const check = (config: ModelConfig) => checkRareOptions(options, resolveOptions(options, config), config);
    const own = user?.hasAdapter && values.userAdapter ? [user.adapter] : [];
    const adapter = [...(values.adapter ?? []), ...own];
    model = await loadForCommand({ ...values, ...(adapter.length > 0 && { adapter }) }, signal, check);
    // Loaded here, since no other command needs it.
    const { runChat } = await import('../chatting/run_chat.js');
    const isRight = await runChat({ model, values, options, user, users, dataFolder: folder, signal });
    process.exitCode = interrupt.exitCode ?? (isRight || process.stdin.isTTY ? 0 : 1);
  } catch (error) {
    interrupt.report(error, 'interrupted');
  } finally {
    model?.dispose();
  }
}

async function listUsers(users: readonly User[], json: true | undefined): Promise<void> {
  if (json) return writeJson({ users });
  if (users.length === 0) note('there are no users');
  const width = Math.max(0, ...users.map(({ name }) => name.length));
  const rows = users.map(({ name, hasAdapter, folder }) => {
    return `${name.padEnd(width)}  ${hasAdapter ? 'adapter' : '       '}  ${folder}\n`;
  });
  await new TextOutput().write(rows.join(''));
}

import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import type { Chat, ChatCommand } from './chat_command.js';
import { CHOICE_COMMANDS } from './choice_commands.js';
import { messagesLine, readMessages } from './messages.js';
import { short } from './short.js';

const COMMANDS: Readonly<Record<string, ChatCommand>> = {
  help: { form: '/help', help: 'this list', run: ({ note }) => note(helpText()) },
  reset: {
    form: '/reset',
    help: 'begin again; the system message stays',
    run({ dialogue, note }) {
      dialogue.reset();
      note('the dialogue begins again');
    },
  },
  system: {
    form: '/system TEXT',
    help: 'set the system message; without TEXT: remove it',
    async run({ dialogue, note }, text) {
      await dialogue.setSystem(text === '' ? undefined : text);
      note(text === '' ? 'there is no system message' : 'the system message is set');
    },
  },
  undo: {
    form: '/undo',
    help: 'take back the last message and its answer',
    run({ dialogue, note }) {
      const last = dialogue.undo();
      note(last === undefined ? 'there is no message to take back' : `took back: ${short(last.user)}`);
    },
  },
  retry: {
    form: '/retry',
    help: 'answer the last message again',
    async run({ dialogue, note, show }) {
      const answer = await show((onText, signal) => dialogue.retry(onText, signal));
      if (answer === undefined) note('there is no message to answer again');
    },
  },
  ...CHOICE_COMMANDS,
  save: {
    form: '/save FILE',
    help: 'write the dialogue as a line of JSON; /save! FILE overwrites a file',
    run: (chat, path) => save(chat, path, false),
  },
  'save!': { form: '', help: '', run: (chat, path) => save(chat, path, true) },
  load: {
    form: '/load FILE',
    help: 'go on with a dialogue that was saved',
    async run({ dialogue, note }, path) {
      checkPath('/load', path);
      await dialogue.load({ seed: dialogue.state.seed, ...(await readMessages(path)) });
      note(`${counted(dialogue.state.exchanges.length, 'answer')} from ${path}`);
    },
  },
  exit: { form: '/exit', help: 'end, as Ctrl-D does', run() {} },
};

const NAMES = Object.values(COMMANDS)
  .map(({ form }) => form.split(' ')[0]!)
  .filter((name) => name !== '');

/** Runs a line that begins with a slash. Returns whether the chat ends. */
export async function runCommand(chat: Chat, line: string): Promise<boolean> {
  const [, name = '', text = ''] = /^\/(\S*)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const advice = 'a space before the slash makes it a message';
    throw new Gpt2Error(
      'invalid-option',
      `there is no /${short(name)}; there are ${NAMES.join(', ')}; ${advice}`,
    );
  }
  const takesText = command.form === '' || command.form.includes(' ');
  if (text !== '' && !takesText) {
    throw new Gpt2Error(
      'invalid-option',
      `${command.form} has nothing after it; write ${command.form} alone`,
    );
  }
  await command.run(chat, text);
  return name === 'exit';
}

async function save({ dialogue, note }: Chat, path: string, force: boolean): Promise<void> {
  checkPath('/save', path);
  await checkNewFile(path, force, '/save! FILE');
  await writeNewFile(path, messagesLine(dialogue), force);
  note(`${counted(dialogue.state.exchanges.length, 'answer')} in ${path}`);
}

function checkPath(name: string, path: string): void {
  if (path === '') throw new Gpt2Error('invalid-option', `${name} needs a file: ${name} FILE`);
}

function helpText(): string {
  const listed = Object.values(COMMANDS).filter(({ form }) => form !== '');
  const width = Math.max(...listed.map(({ form }) => form.length));
  const lines = listed.map(({ form, help }) => `${form.padEnd(width)}  ${help}`);
  const rest = [
    'A line that ends with \\ is continued in the next; text between two """ may have several lines.',
    'Ctrl-C ends an answer, and in an empty line the chat.',
  ];
  return [...lines, ...rest].join('\n');
}

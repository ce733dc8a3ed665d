import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Feedback } from '../../server/users/feedback.js';
import type { Choice } from '../users/choice_line.js';
import type { Chat, ChatCommand, KeptChoices } from './chat_command.js';
import type { LastExchange } from './dialogue.js';
import { short } from './short.js';

/** Commands by which a user says which answers are good. */
export const CHOICE_COMMANDS: Readonly<Record<string, ChatCommand>> = {
  good: { form: '/good', help: 'keep that the last answer is good', run: (chat) => judge(chat, true) },
  bad: { form: '/bad', help: 'keep that the last answer is bad', run: (chat) => judge(chat, false) },
  prefer: {
    form: '/prefer N',
    help: 'after /retry: keep that answer N is better, and go on with it; without N: list the answers',
    run: prefer,
  },
  choices: { form: '/choices', help: 'list what is kept of /good, /bad and /prefer', run: list },
  forget: {
    form: '/forget N',
    help: 'delete choice N of the list; /forget all deletes all of them',
    run: forget,
  },
};

async function judge({ dialogue, choices, note }: Chat, label: boolean): Promise<void> {
  const { file, model } = kept(choices, label ? '/good' : '/bad');
  const { prompt, answer } = lastOf(dialogue.last);
  if (answer.trim() === '')
    throw new Gpt2Error('invalid-option', 'the last answer has no text to learn from');
  const all = await file.read();
  const isSame = (choice: Choice) =>
    'completion' in choice && choice.completion === answer && isEqual(choice.prompt, prompt);
  const others = all.filter((choice) => !isSame(choice));
  if (others.length < all.length) await file.replace(others);
  await file.add([{ ...{ prompt, completion: answer, label, model }, time: now() }]);
  note(`kept: the answer is ${label ? 'good' : 'bad'}`);
}

async function prefer({ dialogue, choices, note }: Chat, text: string): Promise<void> {
  const { file, model } = kept(choices, '/prefer');
  const { prompt, answers } = lastOf(dialogue.last);
  if (answers.length < 2) {
    throw new Gpt2Error('invalid-option', 'there is one answer to prefer; /retry writes another one');
  }
  if (text === '') {
    note(answers.map((answer, i) => `${i + 1}  ${short(answer)}`).join('\n'));
    return;
  }
  const chosen = answers[numberOf(text, '/prefer', answers.length) - 1]!;
  const time = now();
  const rejected = answers.filter((answer) => answer !== chosen);
  await file.add(rejected.map((answer) => ({ prompt, chosen, rejected: answer, model, time })));
  dialogue.choose(chosen);
  note(
    `kept: answer ${text} is better than ${counted(rejected.length, 'other')}; the dialogue goes on with it`,
  );
}

async function list({ choices, note }: Chat): Promise<void> {
  const { file } = kept(choices, '/choices');
  const all = await file.read();
  const lines = all.map((choice, i) => {
    const day = choice.time?.slice(0, 10) ?? '';
    return `${i + 1}  ${day.padEnd(10)}  ${short(promptOf(choice))} -> ${judgedOf(choice)}`;
  });
  note([...lines, `${counted(all.length, 'choice')} in ${file.path}`].join('\n'));
}

async function forget({ choices, note }: Chat, text: string): Promise<void> {
  const { file } = kept(choices, '/forget');
  const all = await file.read();
  if (text === 'all') {
    await file.replace([]);
    note(`deleted ${counted(all.length, 'choice')}`);
    return;
  }
  const index = numberOf(text, '/forget', all.length) - 1;
  await file.replace(all.filter((_, i) => i !== index));
  note(`deleted: ${short(promptOf(all[index]!))} -> ${judgedOf(all[index]!)}`);
}

function kept(choices: KeptChoices | undefined, name: string): KeptChoices {
  if (choices !== undefined) return choices;
  const message = `${name} needs a user, whose choices are kept; begin the chat with --user NAME`;
  throw new Gpt2Error('invalid-option', message);
}

function lastOf(last: LastExchange | undefined): LastExchange {
  if (last !== undefined) return last;
  throw new Gpt2Error('invalid-option', 'there is no answer to judge; write a message first');
}

function numberOf(text: string, name: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  const right = most === 0 ? 'there is none' : `it must be a number from 1 to ${most}`;
  throw new Gpt2Error('invalid-option', `${name} has "${short(text)}" after it; ${right}`);
}

const now = (): string => new Date().toISOString();

const isEqual = (a: Feedback['prompt'], b: Feedback['prompt']): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** The last message of the prompt, or the prompt. */
const promptOf = ({ prompt }: Choice): string =>
  typeof prompt === 'string' ? prompt : prompt.at(-1)!.content;

const judgedOf = (choice: Choice): string =>
  'label' in choice
    ? `${choice.label ? 'good' : 'bad'}: ${short(choice.completion)}`
    : `${short(choice.chosen)}, better than ${short(choice.rejected)}`;

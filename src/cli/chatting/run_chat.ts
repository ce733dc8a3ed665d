import { join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { Session } from '../../generate/session.js';
import type { Model } from '../../model/model.js';
import { chatPrompts } from '../../server/chat/prompt.js';
import { modelSource } from '../inputs/model_source.js';
import { standardTemplate } from '../inputs/standard_template.js';
import type { ModelValues } from '../options/model_flags.js';
import { note } from '../terminal/output.js';
import type { User, Users } from '../users/users.js';
import { chatLoop } from './chat_loop.js';
import { Dialogue } from './dialogue.js';
import { openLines } from './open_lines.js';
import { dialogueSize, jsonOutput, textOutput } from './outputs.js';

/** Values of the flags of a chat. */
export interface ChatValues extends ModelValues {
  readonly system?: string;
  readonly json?: true;
  readonly history: boolean;
  readonly userAdapter: boolean;
}

/** A chat to have. */
export interface ChatPlan {
  readonly model: Model;
  readonly values: ChatValues;
  readonly options: GenerateOptions;
  /** Who chats, if the dialogue is to be kept. */
  readonly user: User | undefined;
  readonly users: Users;
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

/** Chats until the lines end, then keeps what is to be kept. Returns whether all lines could be answered. */
export async function runChat(plan: ChatPlan): Promise<boolean> {
  const { values, user, users, dataFolder, signal } = plan;
  const { dialogue, session } = await openDialogue(plan);
  const history = values.history ? join(dataFolder, 'chat_history') : undefined;
  const { lines, keep, close, prompt } = await openLines(process, history);
  const { quiet = false } = values;
  const { name: modelName } = modelSource(values.model);
  if (!quiet) {
    const adapter = user?.hasAdapter && values.userAdapter ? ' with an adapter' : '';
    const who = user === undefined ? '' : `, ${user.name}${adapter}`;
    const name = `${modelName}${who}, ${dialogueSize(dialogue.state.exchanges.length)}`;
    if (lines.isTerminal) note(`${name}; /help lists what else you can write`);
  }
  try {
    const isRight = await chatLoop({
      ...{ dialogue, lines, prompt, signal },
      choices: user && { file: user.choices, model: modelName },
      output: values.json ? jsonOutput(quiet) : textOutput(quiet),
      onChange: async () => {
        // An error is told at the end, when it is tried once more.
        await keep().catch(() => {});
        if (user !== undefined) await users.saveDialogue(user, dialogue.state);
      },
    });
    if (user !== undefined) await users.saveSession(user, await session.save());
    return isRight;
  } finally {
    await close().catch((error: Error) => note(`the lines of this chat were not kept: ${error.message}`));
    session.dispose();
  }
}

/** The dialogue of a user as it was left, or a new one. */
async function openDialogue(plan: ChatPlan): Promise<{ dialogue: Dialogue; session: Session }> {
  const { model, values, options, user, users, signal } = plan;
  const kept = user && (await users.dialogueOf(user));
  const session = await openSession(plan);
  const prompts = chatPrompts(model.tokenizer, await standardTemplate(values, signal));
  const dialogue = new Dialogue(session, prompts, model.config.contextLength, options);
  const seed = options.seed ?? kept?.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
  const system = (values.system ?? kept?.system) || undefined;
  await dialogue.load({ seed, system, exchanges: kept?.exchanges ?? [] });
  return { dialogue, session };
}

/** The session of a user, so that nothing is evaluated again; a new one if it is of another model. */
async function openSession({ model, values, user, users }: ChatPlan): Promise<Session> {
  const bytes = user && (await users.sessionOf(user));
  if (bytes === undefined) return model.session();
  try {
    return await model.restore(bytes);
  } catch (error) {
    if (!(error instanceof Gpt2Error && error.code === 'invalid-file')) throw error;
    if (!values.quiet) note(`the dialogue is evaluated again: ${error.message}`);
    return model.session();
  }
}

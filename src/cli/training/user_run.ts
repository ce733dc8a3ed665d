import { Gpt2Error } from '../../base/errors.js';
import { loadTokenizer } from '../../model/load_model.js';
import { type ChatPrompts, chatPrompts } from '../../server/chat/prompt.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelSource } from '../inputs/model_source.js';
import { standardTemplate } from '../inputs/standard_template.js';
import type { Choice } from '../users/choice_line.js';
import { dataFolder } from '../users/data_folder.js';
import { type User, Users, userName, usersFolder } from '../users/users.js';
import type { TrainValues } from './flags.js';
import type { PreferenceLine } from './preference_lines.js';
import { type PreferenceStart, preferenceRun } from './preference_run.js';

/** Values of the flags of a user who learns. */
interface UserValues extends Omit<TrainValues, 'out'> {
  readonly out?: string;
  readonly user: string;
  readonly model?: string;
  readonly revision?: string;
}

/**
 * Trains an adapter on the choices of a user, and on those of files if there are any; by default it becomes the user's.
 * Without a loss it is `kto` if there are thumbs, else `dpo`. Throws `invalid-option` if there is nothing to learn.
 */
export async function userRun(
  paths: readonly string[],
  values: UserValues,
  start: PreferenceStart,
): Promise<void> {
  const user = await new Users(usersFolder(dataFolder())).get(userName(values.user, '--user'));
  const all = await user.choices.read();
  const loss = start.loss ?? (all.some((choice) => 'label' in choice) ? 'kto' : 'dpo');
  const choices = loss === 'kto' ? all : all.filter((choice) => 'chosen' in choice);
  if (choices.length === 0) throw nothingToLearn(user, all.length);
  await preferenceRun(paths, { ...values, out: values.out ?? user.adapter }, { ...start, loss }, (signal) =>
    preferencesOf(choices, values, signal),
  );
}

function nothingToLearn({ name }: User, thumbs: number): Gpt2Error {
  const message =
    thumbs > 0
      ? `${name} has no pairs of answers, only thumbs, which --loss kto learns`
      : `there are no choices of ${name}; /good, /bad and /prefer of "gpt2-wasm chat --user ${name}" make them`;
  return new Gpt2Error('invalid-option', message);
}

/** Choices as tokens: what the model has read, and answers without an end, since they may have been cut. */
async function preferencesOf(
  choices: readonly Choice[],
  values: Pick<UserValues, 'model' | 'revision'>,
  signal: AbortSignal,
): Promise<PreferenceLine[]> {
  const { model, revision } = values;
  const tokenizer = await loadTokenizer(modelSource(model).source, { ...(revision && { revision }), signal });
  const prompts = chatPrompts(tokenizer, await standardTemplate(values, signal));
  return Promise.all(
    choices.map(async (choice) => {
      const { ids, isPlain } = await promptOf(choice, tokenizer, prompts);
      // The plain form leaves out white space around messages.
      const answer = (text: string) => tokenizer.encode(isPlain ? ` ${text.trim()}` : text);
      return 'chosen' in choice
        ? { prompt: ids, chosen: answer(choice.chosen), rejected: answer(choice.rejected) }
        : { prompt: ids, completion: answer(choice.completion), label: choice.label };
    }),
  );
}

async function promptOf(
  { prompt }: Choice,
  tokenizer: Tokenizer,
  prompts: ChatPrompts,
): Promise<{ ids: readonly number[]; isPlain: boolean }> {
  if (typeof prompt === 'string') return { ids: tokenizer.encode(prompt), isPlain: false };
  const { ids, stop } = (await prompts.promptOf(prompt, [], Number.MAX_SAFE_INTEGER))!;
  return { ids, isPlain: stop !== undefined };
}

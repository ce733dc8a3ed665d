import { withModel } from '../../checkpoints/registry.js';
import { isJsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelValues } from '../options/model_flags.js';
import { modelSource } from './model_source.js';

/** The turns of DialoGPT (Zhang et al. 2020): each ends with the end-of-text token. */
export const DIALOGPT_TEMPLATE =
  '{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}';

/**
 * The template for a model whose files may lack one: config.json of DialoGPT, and of models that were trained from it, has
 * the task "conversational". Undefined for other models.
 */
export async function standardTemplate(
  { model, revision }: Pick<ModelValues, 'model' | 'revision'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  return withModel(modelSource(model).source, { revision, signal }, async (files) => {
    const listed = await files.list(signal);
    const file = listed.find(({ path }) => path === 'config.json');
    const config = file && (await readJson(files, file, signal));
    const tasks = isJsonObject(config) ? config.task_specific_params : undefined;
    return isJsonObject(tasks) && isJsonObject(tasks.conversational) ? DIALOGPT_TEMPLATE : undefined;
  });
}

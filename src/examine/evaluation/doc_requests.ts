import { Gpt2Error } from '../../base/errors.js';
import type { Doc, GenerationConfig } from './config/task_config.js';
import { choiceAt } from './few_shot.js';
import type { EvaluationRequest, GenerateSettings } from './requests/request.js';
import type { TaskFields } from './task_fields.js';
import { asText } from './template/values.js';

/** Tokens that `generate_until` generates at most if a task does not say. */
const MOST_TOKENS = 256;

/** The requests of one document, by the rules of the harness; `before` is its description and examples. */
export function requestsOf(fields: TaskFields, doc: Doc, before: string, seed: number): EvaluationRequest[] {
  const { output_type, repeats = 1, generation_kwargs = {} } = fields.config;
  switch (output_type) {
    case 'loglikelihood':
      return [loglikelihood(before + textBefore(fields, doc), targetText(fields, doc))];
    case 'loglikelihood_rolling':
      return [{ type: 'loglikelihood_rolling', text: targetText(fields, doc) }];
    case 'multiple_choice':
      return choiceRequests(fields, doc, before);
    case 'generate_until': {
      const context = before + textBefore(fields, doc);
      return Array.from({ length: repeats }, (_, i) => ({
        type: 'generate_until',
        context,
        settings: settingsOf(generation_kwargs, fields.config.fewshot_delimiter ?? '\n\n', seed + i),
      }));
    }
  }
}

const loglikelihood = (context: string, continuation: string): EvaluationRequest => ({
  type: 'loglikelihood',
  context,
  continuation,
});

/** One request for each choice, and with `acc_mutual_info` one more for each, without a context. */
function choiceRequests(fields: TaskFields, doc: Doc, before: string): EvaluationRequest[] {
  const { target_delimiter: between = ' ', metric_list } = fields.config;
  const choices = fields.choices(doc);
  if (fields.choosesText(doc)) {
    const target = between + targetText(fields, doc);
    return choices.map((choice) => loglikelihood(before + choice, target));
  }
  const context = before + textBefore(fields, doc);
  const requests = choices.map((choice) => loglikelihood(context, between + choice));
  if (!metric_list.some(({ metric }) => metric === 'acc_mutual_info')) return requests;
  return [...requests, ...choices.map((choice) => loglikelihood('', between + choice))];
}

/** The text of a document; an index means that choice. */
function textBefore(fields: TaskFields, doc: Doc): string {
  const text = fields.text(doc);
  return typeof text === 'number' ? choiceAt(fields, doc, text) : text;
}

function targetText(fields: TaskFields, doc: Doc): string {
  const target = fields.target(doc);
  if (typeof target === 'string' || typeof target === 'number') return asText(target);
  throw new Gpt2Error('invalid-file', `doc_to_target of ${fields.config.task} must give a text`);
}

function settingsOf(config: GenerationConfig, delimiter: string, seed: number): GenerateSettings {
  const { until = delimiter, max_gen_toks: maxTokens = MOST_TOKENS, do_sample: samples } = config;
  const { temperature = samples ? 1 : 0, top_k: topK = 0, top_p: topP = 1 } = config;
  return {
    until: typeof until === 'string' ? [until] : until,
    maxTokens,
    // The harness samples only if it is told to, whatever the temperature.
    temperature: samples === false ? 0 : temperature,
    topK,
    topP,
    seed,
  };
}

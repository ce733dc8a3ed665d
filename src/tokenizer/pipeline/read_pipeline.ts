import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { AddedTokens } from '../added_tokens.js';
import { unreadParts } from '../bpe/definition.js';
import { filesNotes } from '../files/around_texts.js';
import { applySettings, type SettingsFiles } from '../files/settings.js';
import { createDecoder } from './decoders/create.js';
import { createModel } from './models/create.js';
import { createNormalizer } from './normalizers/create.js';
import { type Part, partOf } from './part.js';
import { PipelineTokenizer } from './pipeline_tokenizer.js';
import { createPostProcessor } from './post_processors/create.js';
import { withSwitches } from './post_processors/switches.js';
import { asksForStart, createPreTokenizer } from './pretokenizers/create.js';

/**
 * The tokenizer of the JSON of any tokenizer.json: normalizer, pre-tokenizer, model, post-processor and decoder. `file`
 * names it in messages. Throws `invalid-file` and `unsupported`.
 */
export async function readPipeline(
  file: string,
  json: JsonObject,
  settings: SettingsFiles,
): Promise<PipelineTokenizer> {
  const part = partOf(json.model, 'model', file);
  if (part === undefined) throw new Gpt2Error('invalid-file', `${file} has no model object`);
  const preTokenizer = withPrefixSpace(json.pre_tokenizer, settings.tokenizerConfig?.json);
  const stages = await stagesOf(file, json, part, preTokenizer);
  const { model } = stages;
  const listed = json.added_tokens ?? [];
  if (!Array.isArray(listed)) throw new Gpt2Error('invalid-file', `${file}: added_tokens is no array`);
  const added = new AddedTokens((text) => model.vocabulary.idOf(text));
  const applied = applySettings(
    { file, addedTokens: listed, addPrefixSpace: false, unknownToken: undefined, unread: unreadParts(json) },
    settings,
    added,
  );
  const template = createPostProcessor(json.post_processor, file, (text) => added.idOf(text));
  return new PipelineTokenizer({
    file,
    json: { ...json, pre_tokenizer: preTokenizer },
    ...stages,
    addedTokens: added.all,
    asksForStart: asksForStart(preTokenizer),
    postProcessor: withSwitches(template, applied.kept.settings, applied),
    bosTokenId: applied.bosTokenId,
    eosTokenId: applied.eosTokenId,
    kept: applied.kept,
    notes: filesNotes(applied.kept),
  });
}

/** The stages of a tokenizer; those of SentencePiece, which few have, are loaded on demand. */
async function stagesOf(file: string, json: JsonObject, model: Part, preTokenizer: unknown) {
  if (isJsonObject(model.json.sentencepiece)) {
    const { sentencePieceStages } = await import('../sentencepiece/stages.js');
    return sentencePieceStages(file, json);
  }
  return {
    model: createModel(model),
    normalizers: createNormalizer(json.normalizer, file),
    preTokenizers: createPreTokenizer(preTokenizer, file),
    decoder: createDecoder(json.decoder, file),
  };
}

/** As in transformers, tokenizer_config.json decides whether a ByteLevel pre-tokenizer adds a space. */
function withPrefixSpace(preTokenizer: unknown, config: JsonObject | undefined): unknown {
  const wish = config?.add_prefix_space;
  const isByteLevel = isJsonObject(preTokenizer) && preTokenizer.type === 'ByteLevel';
  return isByteLevel && typeof wish === 'boolean'
    ? { ...preTokenizer, add_prefix_space: wish }
    : preTokenizer;
}

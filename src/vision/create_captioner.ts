import { invalidOption } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import { startedEarly } from '../base/started_early.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import { settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import { adaptedCaptioner } from '../checkpoints/vision/adapted_captioner.js';
import { openCaptioner } from '../checkpoints/vision/open.js';
import { captionerFiles } from '../checkpoints/vision/wanted.js';
import { chooseBuild } from '../core/binary.js';
import { suitableBuildOf } from '../core/build_of.js';
import { compileCross } from '../core/cross/cross_binary.js';
import { EncoderCore } from '../core/encoder/encoder_core.js';
import { estimateMemory } from '../core/layout.js';
import { WasmCore } from '../core/wasm_core.js';
import { isJsonObject, type JsonObject } from '../files/json_object.js';
import { withSource } from '../files/open_source.js';
import type { Source } from '../files/source_options.js';
import { mergerOf } from '../model/adapters/merger_of.js';
import { checkSettings, threadsFor, tokenizerFor } from '../model/load_model.js';
import { Model } from '../model/model.js';
import { shortenContext } from '../model/shorten_context.js';
import { Captioner } from './captioner.js';
import type { LoadCaptionerOptions } from './captioner_options.js';
import { imageReader } from './image_reader.js';
import { PartsLoader } from './parts_loader.js';

/** Loads a captioner; options' names are checked. See `loadCaptioner`. */
export async function createCaptioner(source: Source, options: LoadCaptionerOptions): Promise<Captioner> {
  checkSettings(options);
  const {
    build = 'auto',
    weights = 'f32',
    kvCache,
    maxMemory,
    module,
    signal,
    onDownload,
    onProgress,
  } = options;
  const given = module === undefined ? undefined : suitableBuildOf(module, build);
  return withSource(source, { ...options, wanted: captionerFiles() }, async (files) => {
    const { encoder, startTokenId, ...opened } = await openCaptioner(files, signal);
    const images = imageReader(givenPreprocessor(options) ?? opened.preprocessor, encoder.config, files.name);
    const decoder = await settleHead(shortened(opened.decoder, options.contextLength), {
      signal,
      onDownload,
    });
    const tokenizer = await tokenizerFor(options, decoder);
    const stored = {
      source: decoder.source,
      tensors: new Map([...encoder.tensors, ...decoder.tensors]),
      totalBytes: encoder.totalBytes + decoder.totalBytes,
    };
    const merge = await mergerOf(
      options,
      adaptedCaptioner({ encoder: encoder.config, decoder: decoder.config }),
    );
    const threads = threadsFor(options, estimateMemory(decoder.config, weights).weights + encoder.totalBytes);
    const chosen = given ?? chooseBuild(build, weights);
    // Both models run in it, each in a memory of its own.
    const compiled = await compileCross(chosen, threads.count > 1, module);
    const settings = { build: chosen, weights, threads, module: compiled };
    const encoderCore = await EncoderCore.create({ ...settings, config: encoder.config, maxMemory });
    let core: WasmCore | undefined;
    try {
      const left = maxMemory === undefined ? undefined : maxMemory - encoderCore.memoryBytes;
      core = await WasmCore.create({ ...settings, config: decoder.config, kvCache, maxMemory: left });
      await files.download?.(weightFiles(stored), { signal, onDownload });
      const started = startedEarly(Promise.all([core.startThreads(), encoderCore.startThreads()]));
      const loader = new PartsLoader(encoder.tensors, encoderCore.loader, core.loader);
      await loadWeights(stored, merge(loader), { signal, onProgress });
      await started;
      throwIfAborted(signal, 'loading the captioner');
      const config = { encoder: encoder.config, decoder: decoder.config, startTokenId };
      return new Captioner({ config, encoder: encoderCore, decoder: new Model(core, tokenizer), images });
    } catch (error) {
      encoderCore.dispose();
      core?.dispose();
      throw error;
    }
  });
}

const shortened = (checkpoint: Checkpoint, contextLength: number | undefined) =>
  contextLength === undefined ? checkpoint : shortenContext(checkpoint, contextLength);

function givenPreprocessor({ preprocessor }: LoadCaptionerOptions): JsonObject | undefined {
  if (preprocessor === undefined || isJsonObject(preprocessor)) return preprocessor;
  throw invalidOption('preprocessor', preprocessor, 'an object, as preprocessor_config.json holds it');
}

import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import { type EncoderParameter, encoderParameters } from '../../architecture/vit/parameters.js';
import { checkTarget } from '../../files/check_target.js';
import type { JsonObject } from '../../files/json_object.js';
import { jsonText } from '../../files/json_text.js';
import type { ModelTarget } from '../../files/target.js';
import { writeWhole } from '../../files/write_whole.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ConfigFiles } from '../checkpoint.js';
import { type TensorToWrite, writeSafetensors } from '../safetensors/write.js';
import type { CaptionerConfig } from './config.js';
import { PREPROCESSOR_FILE } from './file_names.js';
import { storedName } from './stored_name.js';
import { captionerFilesJson } from './write_config.js';

/** A captioner to write. */
export interface CaptionerToWrite {
  readonly config: CaptionerConfig;
  /** The numbers of one weight in row order, in chunks of any size. */
  weight(parameter: Parameter): Iterable<Float32Array>;
  /** Its files are written with the model, if it is given. */
  readonly tokenizer: Tokenizer | undefined;
  /** Fields of preprocessor_config.json. */
  readonly preprocessor: JsonObject | undefined;
  /** Files of the model that this one was made from: fields that do not change the computation are kept. */
  readonly kept: ConfigFiles | undefined;
}

/** The size at which Hugging Face splits large models. */
const MAX_SHARD_BYTES = 5_000_000_000;

/**
 * Writes a captioner as transformers writes a VisionEncoderDecoderModel. No file is in its place before all are
 * written.
 */
export async function writeCaptioner(target: ModelTarget, captioner: CaptionerToWrite): Promise<void> {
  checkTarget(target);
  const { config, weight, tokenizer, preprocessor, kept } = captioner;
  const files: Record<string, string> = {
    ...captionerFilesJson(config, kept),
    ...tokenizer?.files(),
    ...(preprocessor && { [PREPROCESSOR_FILE]: jsonText('preprocessor', preprocessor) }),
  };
  const parameters: EncoderParameter[] = [
    ...modelParameters(config.decoder),
    ...encoderParameters(config.encoder),
  ];
  const tensors = parameters.map(
    (parameter): TensorToWrite => ({
      name: storedName(parameter.name),
      dtype: 'F32',
      shape: parameter.storedShape ?? parameter.shape,
      *chunks() {
        for (const { buffer, byteOffset, byteLength } of weight(parameter)) {
          yield new Uint8Array(buffer, byteOffset, byteLength);
        }
      },
    }),
  );
  await writeWhole(target, async () => {
    for (const [name, text] of Object.entries(files)) {
      await target.write(name, [new TextEncoder().encode(text)]);
    }
    await writeSafetensors(target, tensors, MAX_SHARD_BYTES);
  });
}

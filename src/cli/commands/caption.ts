import type { Command } from 'commander';
import { counted } from '../../base/counted.js';
import { inOrder } from '../../base/in_order.js';
import { withPlace } from '../../base/with_place.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { Caption, CaptionOptions } from '../../vision/caption.js';
import type { Captioner } from '../../vision/captioner.js';
import type { Cue, Frame } from '../../vision/frames/frame.js';
import { webVtt } from '../../vision/frames/web_vtt.js';
import { type NamedImage, namedImages } from '../captioning/images.js';
import { type CaptionerValues, captionerForCommand } from '../captioning/load.js';
import { captionRows, cueJson, cueRow } from '../captioning/rows.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { GENERATE_FLAGS } from '../options/generate_flags.js';
import { BUILD_FLAG, MEMORY_FLAGS, SOURCE_FLAGS, THREADS_FLAG } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const BASICS = 'Model and output:';
const CAPTIONS = 'Captions:';
const VIDEO = 'Images as the frames of a video:';

const DETAILS = `
Images are PNG or JPEG files; of a folder all are taken, in the order of their
names, and - means an image on stdin. Each caption is a line on stdout, after
the name of its image and a tab if there are several.

A model is a VisionEncoderDecoderModel of Hugging Face's transformers: a folder
with config.json, model.safetensors, preprocessor_config.json and a tokenizer's
files, or its id on the hub. The encoder is a ViT or DeiT, the decoder a GPT-2.
That of the package knows drawings of circles, squares, triangles and stars, and
nothing else; nlpconnect/vit-gpt2-image-captioning (980 MB) knows photos.

With --vtt the images are the frames of a video, in their order. A frame is
captioned if it differs from the last one that was; the lines on stdout are
then the first and the last second of a caption, and its text.

Examples:
  gpt2-wasm caption drawing.png
  gpt2-wasm caption --model ./vit-gpt2 photo.jpg
  gpt2-wasm caption --model ./vit-gpt2 --beams 4 --json *.png > captions.jsonl
  gpt2-wasm caption --model ./vit-gpt2 --vtt clip.vtt --rate 2 frames/`;

const { model, revision } = SOURCE_FLAGS;
const MODEL_FLAG: Flag = {
  ...{ value: model.value!, parse: asText },
  help: 'folder of a captioner, or its id on the Hugging Face hub',
  standard: 'that of the package, which knows drawings of shapes alone',
};

/** Options of `generate` that are flags here. */
const NAMES = [
  ...['maxTokens', 'minTokens', 'stop', 'beams', 'returned', 'lengthPenalty', 'earlyStopping', 'temperature'],
  ...['topK', 'topP', 'seed', 'n', 'repetitionPenalty', 'noRepeatNgram', 'bannedTexts'],
] as (keyof typeof GENERATE_FLAGS)[];

/** Defaults that are other than those of `generate`. */
const STANDARDS: Partial<Record<keyof typeof GENERATE_FLAGS, Flag['standard']>> = {
  maxTokens: 64,
  temperature: '0; with --n 0.8',
};

const PROMPT_FLAG: Flag = {
  value: 'text',
  parse: asText,
  help: 'text that the captions continue, such as "A photo of"',
};

const VIDEO_FLAGS: Readonly<Record<string, Flag>> = {
  vtt: { value: 'file', parse: asText, help: 'write the captions to a WebVTT file' },
  rate: { value: 'number', help: 'with --vtt: images a second', range: 'above 0', standard: 1 },
  change: {
    value: 'number',
    help: 'with --vtt: caption an image that differs by more than this share of its pixels from the last one',
    range: '0 to 1',
    standard: 0.05,
  },
  force: { help: 'overwrite the file of --vtt' },
};

/** Images under way: enough rows that the weights are read once for several. */
const MOST = 8;

interface Values extends CaptionerValues {
  readonly prompt?: string;
  readonly json?: true;
  readonly vtt?: string;
  readonly rate?: number;
  readonly change?: number;
  readonly force?: true;
}

export function addCaption(program: Command): void {
  const command = program
    .command('caption')
    .summary('describe images')
    .description('Describe images with a model that sees them.')
    .argument('<image...>', 'images, folders of images, or - for stdin');
  const memory = { ...MEMORY_FLAGS, weights: { ...MEMORY_FLAGS.weights, standard: 'f32' } };
  const flags = { model: MODEL_FLAG, revision, build: BUILD_FLAG, ...memory, threads: THREADS_FLAG };
  addFlags(command, flags, BASICS);
  addFlags(command, { json: jsonFlag('one JSON object for each image'), quiet: QUIET }, BASICS);
  addFlags(command, { prompt: PROMPT_FLAG }, CAPTIONS);
  for (const name of NAMES) {
    const { group: _, ...flag } = GENERATE_FLAGS[name];
    addFlags(
      command,
      { [name]: { ...flag, ...(name in STANDARDS && { standard: STANDARDS[name]! }) } },
      CAPTIONS,
    );
  }
  addFlags(command, VIDEO_FLAGS, VIDEO);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => caption(command, paths, values));
}

async function caption(command: Command, paths: readonly string[], values: Values): Promise<void> {
  const { vtt, json, force = false } = values;
  for (const name of ['rate', 'change', 'force'] as const) {
    if (values[name] !== undefined && vtt === undefined) command.error(`error: --${name} needs --vtt`);
  }
  if (paths.filter((path) => path === '-').length > 1) command.error('error: - is given twice');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let loaded: Captioner | undefined;
  try {
    if (vtt !== undefined) await checkNewFile(vtt, force);
    const images = await namedImages(paths, signal);
    const captioner = await captionerForCommand(values, signal);
    loaded = captioner;
    // Without a tokenizer there are only ids, which the JSON has.
    if (!json) void captioner.tokenizer;
    const options = captionOptions(command, values, signal);
    if (vtt === undefined) await captionImages(captioner, images, options, json);
    else await writeNewFile(vtt, webVtt(await captionVideo(captioner, images, options, values)), force);
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed captions are complete');
  } finally {
    loaded?.dispose();
  }
}

/** The options on the command line. An interrupted caption ends early, and is not printed. */
function captionOptions(command: Command, { prompt }: Values, signal: AbortSignal): CaptionOptions {
  const values = command.opts<GenerateOptions>();
  const given = NAMES.filter((name) => name in values).map((name) => [name, values[name]]);
  return { ...Object.fromEntries(given), prompt, signal };
}

/** Prints the captions of images, each once it is written. */
async function captionImages(
  captioner: Captioner,
  images: readonly NamedImage[],
  options: CaptionOptions,
  json: true | undefined,
): Promise<void> {
  const run = async (image: NamedImage): Promise<Caption> => {
    try {
      return await captioner.caption(await image.read(), options);
    } catch (error) {
      throw withPlace(error, image.name);
    }
  };
  const work = { size: () => 1, most: MOST, signal: options.signal, run };
  let index = 0;
  for await (const caption of inOrder(images, work)) {
    options.signal?.throwIfAborted();
    const { name } = images[index++]!;
    if (json) await writeJson({ image: name, ...caption });
    else await new TextOutput().write(captionRows(images.length > 1 ? name : undefined, caption));
  }
}

/** Prints cues for images as frames of a video, each once it ends. */
async function captionVideo(
  captioner: Captioner,
  images: readonly NamedImage[],
  options: CaptionOptions,
  { rate = 1, change, json, quiet }: Values,
): Promise<Cue[]> {
  async function* frames(): AsyncGenerator<Frame> {
    for (const [i, image] of images.entries())
      yield { time: i / rate, duration: 1 / rate, image: await image.read() };
  }
  const cues: Cue[] = [];
  for await (const cue of captioner.captionFrames(frames(), { ...options, change })) {
    cues.push(cue);
    if (json) await writeJson(cueJson(cue));
    else await new TextOutput().write(cueRow(cue));
  }
  options.signal?.throwIfAborted();
  if (!quiet) note(`${counted(images.length, 'image')}, ${counted(cues.length, 'caption')}`);
  return cues;
}

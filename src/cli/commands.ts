import type { Command } from 'commander';

/** Adds a command to the program. */
type Add = (program: Command) => void;

/** All commands but `help`, in the order of the help. Each is loaded when it is used, since most of the code is that of others. */
export const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  generate: async () => (await import('./commands/generate.js')).addGenerate,
  chat: async () => (await import('./commands/chat.js')).addChat,
  caption: async () => (await import('./commands/caption.js')).addCaption,
  score: async () => (await import('./commands/score.js')).addScore,
  classify: async () => (await import('./commands/classify.js')).addClassify,
  examine: async () => (await import('./commands/examine.js')).addExamine,
  watermark: async () => (await import('./commands/watermark.js')).addWatermark,
  bias: async () => (await import('./commands/bias.js')).addBias,
  detect: async () => (await import('./commands/detect.js')).addDetect,
  calibrate: async () => (await import('./commands/calibrate.js')).addCalibrate,
  evaluate: async () => (await import('./commands/evaluate.js')).addEvaluate,
  task: async () => (await import('./commands/task.js')).addTask,
  tokenize: async () => (await import('./commands/tokenize.js')).addTokenize,
  info: async () => (await import('./commands/info.js')).addInfo,
  inspect: async () => (await import('./commands/inspect.js')).addInspect,
  pull: async () => (await import('./commands/pull.js')).addPull,
  models: async () => (await import('./commands/models.js')).addModels,
  compress: async () => (await import('./commands/compress.js')).addCompress,
  decompress: async () => (await import('./commands/compress.js')).addDecompress,
  convert: async () => (await import('./commands/convert.js')).addConvert,
  verify: async () => (await import('./commands/verify.js')).addVerify,
  'train-tokenizer': async () => (await import('./commands/train_tokenizer.js')).addTrainTokenizer,
  finetune: async () => (await import('./commands/finetune.js')).addFinetune,
  pretrain: async () => (await import('./commands/pretrain.js')).addPretrain,
  playground: async () => (await import('./commands/playground.js')).addPlayground,
  serve: async () => (await import('./commands/serve.js')).addServe,
  batch: async () => (await import('./commands/batch.js')).addBatch,
};

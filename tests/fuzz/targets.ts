import type { Target } from './target.js';

/** All targets by name; each is loaded on demand. */
export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  safetensors: async () => (await import('./targets/models.js')).SAFETENSORS,
  pytorch: async () => (await import('./targets/models.js')).TORCH,
  llmc: async () => (await import('./targets/models.js')).LLMC,
  'tokenizer-json': async () => (await import('./targets/tokenizers.js')).TOKENIZER_JSON,
  'tokenizer-files': async () => (await import('./targets/tokenizers.js')).TOKENIZER_FILES,
  'json-schema': async () => (await import('./targets/json_schema.js')).JSON_SCHEMA,
  regex: async () => (await import('./targets/regex.js')).REGEX,
  gbnf: async () => (await import('./targets/gbnf.js')).GBNF,
  'chat-template': async () => (await import('./targets/chat_template.js')).CHAT_TEMPLATE,
  'generate-options': async () => (await import('./targets/options.js')).GENERATE_OPTIONS,
  requests: async () => (await import('./targets/requests.js')).REQUESTS,
  session: async () => (await import('./targets/saved.js')).SESSION,
  compressed: async () => (await import('./targets/saved.js')).COMPRESSED,
  record: async () => (await import('./targets/saved.js')).RECORD,
  documents: async () => (await import('./targets/data.js')).DOCUMENTS,
  'examine-files': async () => (await import('./targets/data.js')).EXAMINE_FILES,
  images: async () => (await import('./targets/images.js')).IMAGES,
};

export function targetNamed(name: string): Promise<Target> {
  return TARGETS[name]!();
}

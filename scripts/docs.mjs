// npm run docs: writes docs/api/, the reference of the package's public names, from their types in build/types.
// node scripts/docs.mjs DIR writes it to DIR instead. Fails if a public name is not documented.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { join, resolve } from 'node:path';
import { root } from './run.mjs';

/** Entries of the package: their pages, and what the pages begin with. */
const ENTRIES = {
  '.': [
    'gpt2-wasm',
    'Loading, generation, sessions, scores, tokenizers, conversion: `import ... from "gpt2-wasm"`.',
  ],
  './worker': ['worker', 'A model in a worker: `import ... from "gpt2-wasm/worker"`.'],
  './train': ['train', 'Training models, adapters and tokenizers: `import ... from "gpt2-wasm/train"`.'],
  './examine': [
    'examine',
    'Examining texts and models: measures, detectors, watermarks, bias, evaluation, compression: ' +
      '`import ... from "gpt2-wasm/examine"`.',
  ],
  './vision': ['vision', 'Describing images: captioners and video: `import ... from "gpt2-wasm/vision"`.'],
  './server': [
    'server',
    'Answers to HTTP requests in the form of OpenAI\'s API: `import ... from "gpt2-wasm/server"`.',
  ],
  './model-worker': [
    'model-worker',
    'The script of the worker that `createWorkerModel` starts. It exports nothing: a worker of your own imports it, ' +
      '`import "gpt2-wasm/model-worker"`, and is passed as the option `worker`.',
  ],
};

const [out = join(root, 'docs/api')] = process.argv.slice(2);

// typedoc needs the compiler's interface for JavaScript, which TypeScript 7 does not have.
const hook = `export const resolve = (name, context, next) =>
  next(name === 'typescript' ? 'typescript-5.4' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);
const { Application, Comment } = await import('typedoc');

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pages = new Map(
  Object.entries(ENTRIES).map(([entry, page]) => [join(root, exports[entry].types), page]),
);
const app = await Application.bootstrapWithPlugins({
  entryPoints: [...pages.keys()],
  tsconfig: join(root, 'tsconfig.docs.json'),
  // The package's own compiler has checked them.
  skipErrorChecking: true,
  plugin: ['typedoc-plugin-markdown'],
  readme: 'none',
  // Lines of the sources change with every commit.
  disableSources: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  validation: { notExported: true, notDocumented: true, invalidLink: true },
  outputs: [{ name: 'markdown', path: resolve(out) }],
  outputFileStrategy: 'modules',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  enumMembersFormat: 'table',
  // Counted names of GitHub's own anchors differ from the plugin's in places.
  useHTMLAnchors: true,
  logLevel: 'Warn',
});
const project = await app.convert();
if (project === undefined) process.exit(1);
for (const module of project.children) {
  const [name, text] = pages.get(project.files.getReflectionPath(module));
  module.name = name;
  module.comment = new Comment([{ kind: 'text', text }]);
}
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
rmSync(out, { recursive: true, force: true });
await app.generateOutputs(project);
const rows = Object.values(ENTRIES).map(([name, text]) => `| [${name}](${name}.md) | ${text} |`);
const index = [
  '# API reference',
  '',
  'Every public name, generated from the types by `npm run docs`.',
  '',
  '| page | about |',
  '|---|---|',
  ...rows,
  '',
];
writeFileSync(join(out, 'README.md'), index.join('\n'));

// The layers of src/: a folder imports only from folders below it, types included, and no file imports itself by way of
// others. Prints each import that breaks a rule. `node scripts/layers.mjs FOLDER` checks FOLDER/src instead.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { root } from './run.mjs';

/** From the top to the bottom. Files directly in src/ are the entries of the package, above all folders. */
const LAYERS = [
  'cli',
  'playground',
  'server',
  'worker',
  'examine',
  'train',
  'vision',
  'model',
  'score',
  'generate',
  'core',
  'checkpoints',
  'tokenizer',
  'files',
  'dtypes',
  'architecture',
  'host',
  'base',
];
/** Static imports and exports, and imports on demand. */
const IMPORT =
  /^(?:import|export)\s[^;'"]*?from\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)|^import\s+'(\.[^']+)'/gm;

const src = join(resolve(process.argv[2] ?? root), 'src');
const files = readdirSync(src, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(sep).join('/'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const problems = [...strangers(), ...climbs(), ...circles()];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

function importsOf(file) {
  const text = readFileSync(join(src, file), 'utf8');
  const paths = [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? found[3]);
  // The numbers that the core shares are below all layers, and so is what the page draws as an example does.
  const inSource = paths.filter(
    (path) => !/\/(assembly\/(training\/)?abi|examples\/captions\/examples)\.js$/.test(path),
  );
  return inSource.map((path) =>
    relative(src, resolve(src, dirname(file), path.replace(/\.js$/, '.ts')))
      .split(sep)
      .join('/'),
  );
}

/** Folders that are in no layer. */
function strangers() {
  const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
  return [...folders]
    .filter((folder) => !LAYERS.includes(folder))
    .map((folder) => `src/${folder} is not in LAYERS of scripts/layers.mjs`);
}

/** The position of a file's layer from the top; -1 for an entry. */
function layerOf(file) {
  const [folder, ...rest] = file.split('/');
  return rest.length === 0 ? -1 : LAYERS.indexOf(folder);
}

function climbs() {
  const found = [];
  for (const [file, targets] of imports) {
    for (const target of targets) {
      if (layerOf(target) >= layerOf(file)) continue;
      const above = target.includes('/') ? target.split('/')[0] : 'the entries';
      found.push(`src/${file} imports src/${target}: ${file.split('/')[0]} must not import from ${above}`);
    }
  }
  return found;
}

/** Each circle of imports, as the files on the way around it. */
function circles() {
  const found = [];
  const state = new Map();
  const visit = (file, way) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      const around = [...way.slice(way.indexOf(file)), file];
      found.push(`a circle of imports: ${around.map((name) => `src/${name}`).join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  return found;
}

// The suites of tests/, and which of them belong to words or to files that a person names.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { root } from './run.mjs';

/** All suites but the package's, which is one of the checks. */
export function allSuites() {
  const suites = testFiles().filter((name) => !name.includes('/package/'));
  const stale = SLOW.find((part) => !suites.some((name) => name.includes(part)));
  if (stale !== undefined) throw new Error(`scripts/suites.mjs lists ${stale}, which no suite is called`);
  return suites;
}

/**
 * Parts of the paths of suites that take more than 3.5 seconds of a processor, longest first, and of those of the command
 * line, which start many processes. They start first, and `npm run test:quick` leaves them out.
 */
const SLOW = [
  ...[
    'browser/teach',
    'browser/playground',
    'docs/code_blocks',
    'browser/threads',
    'browser/fonts',
    'browser/writing',
    'browser/',
    'examples/adventure',
    'examples/captions',
    'examples/containers',
    'examples/sounds',
    'model/embedded',
    'e2e/clients',
  ],
  ...['failures/wrong_types', 'commands/finetune', 'train/finetune', 'core/threads.test'],
  ...[
    'commands/generate',
    'types/consumers',
    'commands/hub',
    'cli/usage',
    'run_time_adapters',
    'http/limits',
  ],
  ...['checkpoints/same_words', 'hub/download', 'http_source', 'fake_timers'],
  ...[
    'model/come_and_go',
    'model/saved_session',
    'generate/long_prompts',
    'json_schema/test_suite',
    'json_schema/ajv',
    'json_schema/hostile',
    'regex/hostile_patterns',
    'tokenizer/growth',
    'e2e/growth',
    'terminal/interrupt',
    'checkpoints/finite',
    'gguf/model',
  ],
  ...[
    'model/stories_tiny',
    'model/many_calls',
    'model/default_weights',
    'failures/unhandled',
    'failures/memory',
    'failures/names_of_javascript',
    'docs/api_reference',
    'training/cross_core',
    'prefixes/prefix_trainer',
  ],
  ...['e2e/bench/serving', 'e2e/bundlers', 'tests/cli/', 'tests/faults/'],
];

export function isSlow(name) {
  return SLOW.some((part) => name.includes(part));
}

/** Starts what takes longest first, so that no processor is idle at the end. */
export function slowestFirst(names) {
  const place = (name) => SLOW.findIndex((part) => name.includes(part)) >>> 0;
  return names.slice().sort((a, b) => place(a) - place(b));
}

/** Suites that a process runs one after another: starting takes longer than most of them. */
const GROUP = 8;

/** Suites that replace a clock or timers before the package is loaded, which keeps them. */
const ALONE = ['core/scheduler/rates', 'core/slices', 'files/http/'];

/**
 * The suites in groups that share a process: those of a folder of tests/, a few at a time; slow ones and those of `ALONE` have their own. The
 * groups of all suites are always the same.
 */
export function grouped(names) {
  const isAlone = (name) => isSlow(name) || ALONE.some((part) => name.includes(part));
  const groups = names.filter(isAlone).map((name) => [name]);
  const folders = new Map();
  for (const name of names.filter((each) => !isAlone(each))) {
    const folder = name.split('/')[1];
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  for (const all of folders.values()) {
    for (let i = 0; i < all.length; i += GROUP) groups.push(all.slice(i, i + GROUP));
  }
  return groups;
}

/** All specs of the core. */
export function allSpecs() {
  return files('assembly/__tests__', '.spec.ts');
}

/**
 * The suites and specs that `words` name. The path of a source file means the suite at the same place in tests/ and
 * those that import the file; if there is none, all in the nearest folder of tests/ that mirrors one around it. Any
 * other word means the suites and specs whose paths contain it.
 */
export function named(words) {
  const all = [...testFiles(), ...allSpecs()];
  const chosen = words.flatMap((word) =>
    /^(src|assembly)\//.test(word) && existsSync(join(root, word))
      ? ofSource(word, all)
      : all.filter((name) => name.includes(word)),
  );
  return all.filter((name) => chosen.includes(name));
}

function ofSource(path, all) {
  const place = path.replace(/^src\//, 'tests/').replace(/^assembly\//, 'assembly/__tests__/');
  const own = place.replace(/\.ts$/, path.startsWith('src/') ? '.test.ts' : '.spec.ts');
  const direct = path.endsWith('.ts')
    ? all.filter((name) => name === own || imports(name).includes(path))
    : all.filter((name) => name.startsWith(place));
  if (direct.length > 0) return direct;
  for (let folder = dirname(place); folder.includes('/'); folder = dirname(folder)) {
    const around = all.filter((name) => name.startsWith(`${folder}/`));
    if (around.length > 0) return around;
  }
  return [];
}

/** The files that a suite or spec imports by a relative path. */
function imports(name) {
  const code = readFileSync(join(root, name), 'utf8');
  return Array.from(code.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g), ([, path]) =>
    join(dirname(name), path)
      .split(sep)
      .join('/')
      .replace(/(\.js|\.ts)?$/, '.ts'),
  );
}

function testFiles() {
  return files('tests', '.test.ts').filter((name) => !name.includes('node_modules'));
}

function files(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((name) => name.endsWith(ending))
    .sort();
}

// The packages whose code is part of the built files: their licences, and their names for `npm run sbom`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './run.mjs';

const NOTICES = 'build/THIRD_PARTY_NOTICES.txt';
/** Name, version and licence of each package, as JSON. */
export const THIRD_PARTY = 'build/third_party.json';

/** The standard library of AssemblyScript is compiled into the binaries. */
const OF_BINARIES = 'assemblyscript';
/** A package of the same project, whose licence counts for one that has no file of it. */
const LICENCE_OF = { '@assemblyscript/loader': OF_BINARIES };
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:\.(?:md|txt))?$/i;

const found = new Set([OF_BINARIES]);

/** The name of the package that a file belongs to; undefined for files of this project. */
function packageOf(path) {
  const [, inner] = /^.*\bnode_modules\/(.*)$/.exec(path.split(sep).join('/')) ?? [];
  return inner && /^(?:@[^/]+\/)?[^/]+/.exec(inner)[0];
}

/** Notes the packages of files that become part of the build. */
export function noteFiles(paths) {
  for (const path of paths) {
    const name = packageOf(path);
    if (name !== undefined) found.add(name);
  }
}

/** A plugin of rollup that writes the licences of all packages in the bundles, those of earlier ones too. */
export function thirdParty() {
  return {
    name: 'third-party',
    generateBundle(_, bundle) {
      for (const { moduleIds = [] } of Object.values(bundle)) noteFiles(moduleIds);
      const all = [...found].sort().map(described);
      const text = all.map(
        ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}`,
      );
      const head = 'The built files of gpt2-wasm contain code of these packages, under these licences.';
      writeFileSync(join(root, NOTICES), `${[head, ...text].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
      const list = all.map(({ text: _, ...rest }) => rest);
      writeFileSync(join(root, THIRD_PARTY), `${JSON.stringify(list, undefined, 2)}\n`);
    },
  };
}

/** Throws for a package without a licence. */
function described(name) {
  const read = (path) => readFileSync(join(root, 'node_modules', path), 'utf8');
  const { version, license } = JSON.parse(read(`${name}/package.json`));
  const owner = LICENCE_OF[name] ?? name;
  const files = readdirSync(join(root, 'node_modules', owner)).filter((file) => LICENCE_FILE.test(file));
  if (license === undefined || files.length === 0) throw new Error(`${name} has no file of its licence`);
  const text = files.map((file) => read(`${owner}/${file}`).trim()).join('\n\n');
  return { name, version, license, text };
}

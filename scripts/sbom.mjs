// npm run sbom: writes the software bill of materials of the package, build/sbom.cdx.json, in CycloneDX's form: the packages
// that are installed with it, and those whose code is part of the built files. The same lockfile gives the same bytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tryRun } from './run.mjs';
import { THIRD_PARTY } from './third_party.mjs';

const OUT = 'build/sbom.cdx.json';
const DEVELOPMENT = 'cdx:npm:package:development';
const BUNDLED = 'cdx:npm:package:bundled';

const { status, stdout } = tryRun('npm', ['sbom', '--sbom-format', 'cyclonedx'], { stdout: 'pipe' });
if (status !== 0) process.exit(1);
const all = JSON.parse(stdout);
const json = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

const { name } = json('package.json');
const bundled = new Set(json(THIRD_PARTY).map((part) => `${part.name}@${part.version}`));
const installed = Object.entries(json('package-lock.json').packages)
  .filter(([path, { dev, extraneous }]) => path !== '' && !dev && !extraneous)
  .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
const kept = new Set([...installed, ...bundled]);

const components = all.components.filter((component) => kept.has(component['bom-ref']));
if (components.length < kept.size) throw new Error('a package of the build is not installed: run npm ci');
for (const component of components) {
  if (!bundled.has(component['bom-ref'])) continue;
  component.properties = component.properties.filter((property) => property.name !== DEVELOPMENT);
  component.properties.push({ name: BUNDLED, value: 'true' });
}
const own = all.metadata.component['bom-ref'];
const dependencies = all.dependencies
  .filter(({ ref }) => ref === own || kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
// A random number, the time and the name of the folder would differ each time.
const { serialNumber: _, metadata, ...rest } = all;
const { timestamp: __, ...kind } = metadata;
const bill = {
  ...rest,
  metadata: { ...kind, component: { ...metadata.component, name } },
  ...{ components, dependencies },
};
writeFileSync(join(root, OUT), `${JSON.stringify(bill, undefined, 2)}\n`);
console.log(`${OUT}: ${installed.length} installed packages, ${bundled.size} in the built files`);

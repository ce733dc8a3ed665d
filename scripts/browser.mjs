// For tests: installs Chromium from the system's packages if it is missing and no password is needed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const { headless, windowed } = JSON.parse(
  readFileSync(new URL('../tests/e2e/browser/places.json', import.meta.url), 'utf8'),
);
/** Usual paths of Chromium's engine alone, and of Chromium. */
const PLACES = [...headless, ...windowed];

/** The path of the browser of the tests, which the variable CHROMIUM may name; undefined if there is none. */
export const chromiumPath = () => process.env.CHROMIUM || PLACES.find((path) => existsSync(path));

/**
 * Installs Chromium's engine on Debian and its kin, or Chromium if the engine has no package of its own. It does so for
 * root, or by sudo if that asks for no password; elsewhere it installs nothing.
 */
export function installChromium() {
  if (process.platform !== 'linux' || chromiumPath() !== undefined) return;
  if (!existsSync('/usr/bin/apt-get')) return;
  const sudo = process.getuid() === 0 ? [] : ['sudo', '-n'];
  const run = (...words) => {
    const [program, ...args] = [...sudo, ...words];
    return spawnSync(program, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  if (run('true').status !== 0) return;
  console.error('Installing Chromium for the tests in a browser ...');
  const install = () =>
    ['chromium-headless-shell', 'chromium'].some(
      (name) => run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', name).status === 0,
    );
  if (!install() && run('apt-get', 'update', '-qq').status === 0) install();
}

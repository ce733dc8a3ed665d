// For tests: installs Chromium from the system's packages if it is missing and no password is needed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const { headless, windowed } = JSON.parse(
  readFileSync(new URL('../tests/e2e/browser/places.json', import.meta.url), 'utf8'),
);
const PLACES = [...headless, ...windowed];

/** Installs the engine of Chromium, or Chromium where the engine has no package of its own, on Debian and its kin, for root or by sudo without a password; nothing anywhere else. */
export function installChromium() {
  if (process.platform !== 'linux' || process.env.CHROMIUM || PLACES.some((path) => existsSync(path))) return;
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

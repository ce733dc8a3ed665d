// For tests: installs Chromium from the system's packages if it is missing and no password is needed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const PLACES = JSON.parse(readFileSync(new URL('../tests/e2e/browser/places.json', import.meta.url), 'utf8'));

/** Installs Chromium on Debian and its kin, for root or by sudo without a password; nothing anywhere else. */
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
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium').status === 0;
  if (!install() && run('apt-get', 'update', '-qq').status === 0) install();
}

import type { Case } from './kinds.js';
import { differences, treeOf } from './tree.js';
import { startCase, type Undisturbed } from './undisturbed.js';

const PRELOAD = new URL('./jumping_clock.mjs', import.meta.url).href;
/** A number that no rate, time or size can be. */
const WRONG_NUMBER = /NaN|Infinity|(?<![\w.-])-\d/;

/** A clock that jumps during the whole command. */
export function* clockJumps(run: Undisturbed): Generator<Case> {
  yield {
    when: `${run.name}, while the clock jumps by years`,
    async run() {
      const args = run.scenario.args(run.world).filter((arg) => arg !== '--quiet');
      const { cwd, end } = startCase(run, { args, nodeArgs: ['--import', PRELOAD] });
      const { code, stdout, stderr } = await end;
      if (code !== 0) return `it ends with ${code}: ${stderr.trim()}`;
      const [wrong] = WRONG_NUMBER.exec(`${stdout}${stderr}`) ?? [];
      if (wrong !== undefined) return `it tells ${wrong}: ${stderr.trim()}`;
      const differing = differences(treeOf(cwd), run.whole);
      return differing.length > 0 ? `${differing.join(', ')} differs` : undefined;
    },
  };
}

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { supportsRelaxedSimd } from '../../../src/core/binary.js';
import '../../support/relaxed.js';

const PAGE = 65_536;
const MARK = 0xaa;

/** The first and the last address that linking a binary writes to, and where its caller may write. */
async function written(name: string) {
  const shared = name.endsWith('-threads');
  const memory = new WebAssembly.Memory({ initial: 2, maximum: PAGE, shared });
  const bytes = new Uint8Array(memory.buffer).fill(MARK);
  const binary = readFileSync(new URL(`../../../build/wasm/${name}.wasm`, import.meta.url));
  const module = await WebAssembly.compile(binary);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const changed = Array.from(bytes.keys()).filter((at) => bytes[at] !== MARK);
  return { first: changed[0]!, last: changed.at(-1)!, exports: exports as Record<string, () => number> };
}

for (const build of ['simd', 'relaxed', 'simd-threads', 'relaxed-threads']) {
  if (build.startsWith('relaxed') && !supportsRelaxedSimd()) continue;
  test(`${build}: what traces keeps its data where the core, whose memory it joins, has none`, async () => {
    const trace = await written(`trace-${build}`);
    assert.ok(trace.last < trace.exports.dataEnd!());
    for (const name of [build, `cross-${build}`]) {
      const core = await written(name);
      assert.ok(core.last < trace.first, `${name}: ${core.last}, ${trace.first}`);
      assert.ok(trace.exports.dataEnd!() <= core.exports.heapBase!());
    }
  });
}

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS } from '../../../src/architecture/gpt2/lora.js';
import { AdaptedCore } from '../../../src/core/adapters/adapted_core.js';
import { readPairs } from '../../../src/core/adapters/adapter_place.js';
import { randomAdapter } from '../../support/adapters.js';
import { randomCore } from '../../support/random_core.js';

test('adapters are read from core memory as one pair of each matrix, with their weights in B', async () => {
  const core = await randomCore();
  // More ranks than a panel has columns, and matrices that only one of them changes.
  const wide = randomAdapter(core.config, 1, 19, LORA_TARGETS);
  const narrow = randomAdapter(core.config, 2, 3, ['attn.c_proj', 'mlp.c_fc']);
  const adapters = [
    { adapter: narrow, weight: 0.5 },
    { adapter: wide, weight: -2 },
  ];
  const adapted = new AdaptedCore(core, adapters);
  const pairs = readPairs(core, adapted.adapterNumbers);
  assert.equal([...pairs.keys()], [...wide.pairs.keys()]);
  for (const [name, { K, N, rank, scale, a, b }] of pairs) {
    const parts = adapters.flatMap(({ adapter, weight }) => {
      const pair = adapter.pairs.get(name);
      return pair === undefined ? [] : [{ pair, factor: weight * pair.scale }];
    });
    assert.equal([K, N, rank, scale], [parts[0]!.pair.K, parts[0]!.pair.N, parts.length === 2 ? 22 : 19, 1]);
    assert.equal(
      [...a],
      parts.flatMap(({ pair }) => [...pair.a]),
      name,
    );
    for (let n = 0; n < N; n++) {
      const wanted = parts.flatMap(({ pair, factor }) =>
        Array.from({ length: pair.rank }, (_, r) => Math.fround(factor * pair.b[n * pair.rank + r]!)),
      );
      assert.equal([...b.subarray(n * rank, (n + 1) * rank)], wanted, `${name} ${n}`);
    }
  }
  adapted.dispose();
  core.dispose();
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exposition, type Family, ofWorkers } from '../../../src/server/metrics/exposition.js';

const family = (name: string, ...values: number[]): Family => ({
  ...{ name, type: 'counter', help: 'Help.' },
  samples: values.map((value, i) => ['', { i: String(i) }, value]),
});

test('metrics of several workers are one family each, and every sample names its worker', () => {
  const merged = ofWorkers([
    ['1', [family('a', 5), family('b', 1, 2)]],
    ['2', [family('b', 3), family('c', 4)]],
  ]);
  assert.is(
    exposition(merged),
    `# HELP a Help.
# TYPE a counter
a{i="0",worker="1"} 5
# HELP b Help.
# TYPE b counter
b{i="0",worker="1"} 1
b{i="1",worker="1"} 2
b{i="0",worker="2"} 3
# HELP c Help.
# TYPE c counter
c{i="0",worker="2"} 4
`,
  );
});

test.run();

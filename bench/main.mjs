// npm run bench: measures speed, memory and quality; each kind of measurement has a folder in lib/.
import { commandLine } from '../scripts/command_line.mjs';
import { setUp } from './lib/set_up.mjs';

const USAGE = `npm run bench -- [--json] [--node 22,24] [--repeats 9] [--text FILE]
                 --peers [--formats f32,q8,q4] [--rounds 5] [--only TEXT]
                 --quality [--model DIR] [--text FILE]
                 --sizes 355M,774M,1558M [--weights q8,q4]
                 --training [--rounds 5] [--only TEXT]
                 --captions [--model base|small] [--formats f32,q8] [--rounds 5] [--only TEXT]
                 --compression [--model DIR] [--text FILE]
                 --watermarks [--texts 120] [--only TEXT]
                 --start [--rounds 9]
                 --many [--only PART] [--formats f32,q8,q4] [--rounds 3]
                 --serve [--model SOURCE|124M] [--weights q8] [--build relaxed] [--seconds 20] [--rate R ...] [--only PART]
                 --load [--clients 200] [--minutes 10] [--model SOURCE|124M] [--weights q8]`;

const { values: options } = commandLine(USAGE, {
  options: {
    json: { type: 'boolean', default: false },
    node: { type: 'string' },
    repeats: { type: 'string', default: '9' },
    text: { type: 'string' },
    peers: { type: 'boolean', default: false },
    formats: { type: 'string', default: 'f32,q8,q4' },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    quality: { type: 'boolean', default: false },
    model: { type: 'string' },
    sizes: { type: 'string' },
    weights: { type: 'string' },
    build: { type: 'string' },
    training: { type: 'boolean', default: false },
    captions: { type: 'boolean', default: false },
    many: { type: 'boolean', default: false },
    compression: { type: 'boolean', default: false },
    watermarks: { type: 'boolean', default: false },
    texts: { type: 'string', default: '120' },
    start: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rate: { type: 'string', multiple: true },
    load: { type: 'boolean', default: false },
    clients: { type: 'string' },
    minutes: { type: 'string' },
  },
});

// Compression is compared with programs of the system alone, and servers with nothing.
if (!options.compression && !options.serve && !options.load) setUp();
// Loaded here, as the peers' own code is installed by now.
const { run, print } = await import(chosen());
const report = await run(options);
if (options.json) console.log(JSON.stringify(report, null, 2));
else print(report);

function chosen() {
  if (options.peers) return './lib/peers/index.mjs';
  if (options.quality) return './lib/quality/index.mjs';
  if (options.sizes !== undefined) return './lib/sizes/index.mjs';
  if (options.training) return './lib/training/index.mjs';
  if (options.captions) return './lib/captions/index.mjs';
  if (options.watermarks) return './lib/watermarks/index.mjs';
  if (options.many) return './lib/many/index.mjs';
  if (options.compression) return './lib/compression/index.mjs';
  if (options.serve) return './lib/serving/index.mjs';
  if (options.start) return './lib/start/index.mjs';
  if (options.load) return './lib/load/index.mjs';
  return './lib/own/index.mjs';
}

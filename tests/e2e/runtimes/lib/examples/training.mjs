import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS } from '../programs.mjs';
import { projectFolder } from './projects.mjs';

const execute = promisify(execFile);

const STEPS = '20';
/** Nats a token after these steps; a model that knows nothing has 5.9. */
const LOSS = 4;

/** Runtimes that run the examples beside this Node. */
const OTHERS = PROGRAMS.filter(({ runtime, file }) => runtime !== 'Node' && existsSync(file));

/** Runs the program of an example. Gives what it prints. */
export async function runExample(name, words, { file, args } = { file: process.execPath, args: [] }) {
  return execute(file, [...args, 'main.js', ...words], { cwd: projectFolder(name), timeout: 300_000 });
}

/** Trains for some steps. Gives the hash of the weights with the program's result, and the last loss. */
async function train(name, words, program) {
  const out = join(projectFolder(name), 'out');
  rmSync(out, { recursive: true, force: true });
  const { stdout, stderr } = await runExample(
    name,
    ['--steps', STEPS, '--out', out, '--json', ...words],
    program,
  );
  const { seconds: _, ...result } = JSON.parse(stdout);
  const hash = createHash('sha256')
    .update(readFileSync(join(out, 'model.safetensors')))
    .digest('hex');
  const [, loss] = /loss ([\d.]+), \d+ s\n$/.exec(stderr) ?? [];
  return { told: JSON.stringify({ hash, result }), loss: Number(loss) };
}

/** Trains a captioner in every runtime, with one thread and two; then measures the one of the package. */
export async function testCaptions(report) {
  const few = ['--pictures', '4'];
  const { told: wanted, loss } = await train('captions', [...few, '--threads', '1']);
  report('captions', 'learns', { got: loss < LOSS, wanted: true });
  for (const program of OTHERS) {
    const { told: got } = await train('captions', [...few, '--threads', '2'], program);
    report('captions', `trained in ${program.runtime}`, { got, wanted });
  }
  const model = join(projectFolder('captions'), 'node_modules/gpt2-wasm/models/captions');
  const { stdout } = await runExample('captions', ['--model', model, '--pictures', '100', '--json']);
  report('captions', '95 % of facts are right', { got: JSON.parse(stdout).share >= 0.95, wanted: true });
}

/** Trains a model of sounds with one thread and two, and lets it describe recordings in files. */
export async function testSounds(report) {
  const few = ['--recordings', '4'];
  const { told: wanted, loss } = await train('sounds', [...few, '--threads', '1']);
  report('sounds', 'learns', { got: loss < LOSS, wanted: true });
  const { told: got } = await train('sounds', [...few, '--threads', '2']);
  report('sounds', 'trained with two threads', { got, wanted });
  const written = await runExample('sounds', ['--listen', 'recordings', '--json']);
  const files = filesOf(written);
  const described = await runExample('sounds', ['--model', 'out', '--json', ...files]);
  const same = JSON.stringify(filesOf(described)) === JSON.stringify(files) && files.length === 10;
  report('sounds', 'describes WAV files', { got: same, wanted: true });
}

const filesOf = ({ stdout }) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).file);

/** Captions a clip in every runtime; the lines are those that the clip's own scenes say. */
export async function testVideoCaptions(report) {
  const { stdout: wanted } = await runExample('video-captions', []);
  const readme = readFileSync(join(projectFolder('video-captions'), 'README.md'), 'utf8');
  report('video-captions', 'as README.md shows', { got: readme.includes(wanted), wanted: true });
  for (const program of OTHERS) {
    const { stdout: got } = await runExample('video-captions', [], program);
    report('video-captions', program.runtime, { got, wanted });
  }
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { npm } from '../../support/npm.js';
import { unless } from '../../support/unless.js';
import { mistakesOf } from './kubernetes_schemas.js';

// biome-ignore lint/suspicious/noExplicitAny: manifests are read field by field after their check.
type Manifest = any;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const inShell = unless(process.platform === 'win32' ? 'the image runs Linux' : undefined);
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-image-'));

const dockerfile = readFileSync(join(ROOT, 'examples/docker/Dockerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '');
/** The arguments of an instruction, of its last use. */
const instruction = (name: string) =>
  [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].at(-1)![1]!;
const entrypoint: string[] = JSON.parse(instruction('ENTRYPOINT'));

const manifests = new Map<string, Manifest>();
for (const file of readdirSync(join(ROOT, 'examples/kubernetes')).filter((name) => name.endsWith('.yaml'))) {
  const text = readFileSync(join(ROOT, 'examples/kubernetes', file), 'utf8');
  for (const document of parseAllDocuments(text)) {
    assert.equal(document.errors, [], file);
    const value = document.toJS();
    manifests.set(value.kind ?? file, value);
  }
}
const deployment = manifests.get('Deployment').spec.template.spec;
const [server] = deployment.containers;
const KEY = 'secret';

test.before(() => {
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], ROOT));
  // The step of the image that installs.
  const [, step] = /^RUN npm (install .*)$/m.exec(dockerfile)!;
  npm(step!.replace('gpt2-wasm-*.tgz', packed.filename).split(' '), folder);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the image's command with arguments. */
async function startImage(args: readonly string[]) {
  const [node, ...rest] = [...entrypoint, ...args, '--port', '0'];
  assert.is(node, 'node');
  // As on a read-only file system, whoever runs the tests.
  const known = process.allowedNodeEnvironmentFlags;
  const flags = [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
  ];
  const child = spawn(process.execPath, [...flags, '--allow-fs-read=*', ...rest], {
    cwd: folder,
    env: { ...process.env, GPT2_WASM_API_KEY: KEY },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(child.stdout, 'data');
  const { port } = new URL(String(line));
  return { child, port, url: `http://127.0.0.1:${port}` };
}

inShell('the image serves without writing files, is healthy, and ends at SIGTERM', async () => {
  const { child, url, port } = await startImage(JSON.parse(instruction('CMD')));
  const ask = (headers: Record<string, string>) =>
    fetch(`${url}/v1/completions`, { method: 'POST', headers, body: '{"prompt": "Once", "max_tokens": 3}' });
  assert.is((await ask({})).status, 401);
  assert.is((await ask({ authorization: `Bearer ${KEY}` })).status, 200);
  const exposed = instruction('EXPOSE');
  const [, health] = / CMD (\[.*\])$/.exec(instruction('HEALTHCHECK'))!;
  assert.ok(health!.includes(`:${exposed}/`));
  const check = () => {
    const [, ...args] = JSON.parse(health!.replace(`:${exposed}/`, `:${port}/`));
    const checked = spawn(process.execPath, args);
    return once(checked, 'exit');
  };
  assert.equal(await check(), [0, null]);
  child.kill('SIGTERM');
  assert.equal(await once(child, 'exit'), [143, null]);
  assert.equal(await check(), [1, null]);
});

inShell('the manifests name probes, a port, a key and metrics that the server has', async () => {
  const { child, url } = await startImage(server.args);
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    const { path, port } = server[probe].httpGet;
    assert.is((await fetch(`${url}${path}`)).status, 200, path);
    assert.is(port, server.ports[0].name);
  }
  const [{ port, path, authorization }] = manifests.get('ServiceMonitor').spec.endpoints;
  assert.is(port, manifests.get('Service').spec.ports[0].name);
  const headers = { authorization: `${authorization.type} ${KEY}` };
  assert.equal(authorization.credentials, server.env[0].valueFrom.secretKeyRef);
  const exposed = await (await fetch(`${url}${path}`, { headers })).text();
  const { name } = manifests.get('HorizontalPodAutoscaler').spec.metrics[0].pods.metric;
  const [rule] = manifests.get('adapter-values.yaml').rules.custom;
  assert.is(rule.name.as, name);
  for (const metric of [rule.name.matches, /^\w+/.exec(rule.seriesQuery)![0]]) {
    assert.match(exposed, new RegExp(`^# TYPE ${metric} gauge$`, 'm'));
  }
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('the manifests are complete, and fit each other', () => {
  assert.is(manifests.size, 7);
  for (const [name, manifest] of manifests) assert.equal(mistakesOf(manifest), [], name);
  const { selector, template } = manifests.get('Deployment').spec;
  const { labels } = template.metadata;
  assert.equal(selector.matchLabels, labels);
  assert.equal(manifests.get('Service').spec.selector, labels);
  assert.equal(manifests.get('PodDisruptionBudget').spec.selector.matchLabels, labels);
  const service = manifests.get('Service').metadata.labels;
  assert.equal(manifests.get('ServiceMonitor').spec.selector.matchLabels, service);
  const { apiVersion, kind, metadata } = manifests.get('Deployment');
  const target = manifests.get('HorizontalPodAutoscaler').spec.scaleTargetRef;
  assert.equal(target, { apiVersion, kind, name: metadata.name });
  assert.is(manifests.get('Service').spec.ports[0].targetPort, server.ports[0].name);
  const port = String(server.ports[0].containerPort);
  assert.is(port, instruction('EXPOSE'));
  assert.is(server.args[server.args.indexOf('--port') + 1], port);
  const [, preStop] = server.lifecycle.preStop.exec.command;
  // The server's own ten seconds, after those in which requests still come.
  assert.ok(deployment.terminationGracePeriodSeconds > Number(preStop) + 10);
});

test('a field that Kubernetes does not have, or that is missing, is found', () => {
  const wrong = structuredClone(manifests.get('Deployment'));
  wrong.spec.template.spec.containers[0].readynessProbe = {};
  delete wrong.spec.selector;
  assert.is(mistakesOf(wrong).length, 2);
  assert.is(mistakesOf({ ...manifests.get('Service'), apiVersion: 'apps/v1' }).length, 1);
});

inShell('the pods of the job answer the whole file, each its piece', () => {
  const { completions, parallelism, template } = manifests.get('Job').spec;
  assert.is(completions, parallelism);
  const [{ command, volumeMounts }] = template.spec.containers;
  const [program, ...args] = command as string[];
  const [{ mountPath }] = volumeMounts;
  const lines = Array.from(
    { length: completions },
    (_, i) => `{"custom_id":"${i}","method":"POST","url":"/v1/score","body":{"text":"Once ${i}"}}\n`,
  );
  writeFileSync(join(folder, 'requests.jsonl'), lines.join(''));
  // The last one stands for all.
  const index = completions - 1;
  const { status, stderr } = spawnSync(
    program!,
    args.map((arg) => arg.replaceAll(mountPath, folder)),
    { cwd: folder, encoding: 'utf8', env: { ...process.env, JOB_COMPLETION_INDEX: String(index) } },
  );
  assert.is(status, 0, stderr);
  const answers = readFileSync(join(folder, `answers-${index}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  assert.equal(
    answers.map((line) => JSON.parse(line).custom_id),
    [String(index)],
  );
});

test.run();

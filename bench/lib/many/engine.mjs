import { NodeHost } from '../hosts/node_host.mjs';

/** The engine of lib/engines/ that `spec.module` names, loaded in a separate process; `files` are paths in the project. */
export async function openEngine(spec, { node, files = {} }) {
  const engine = await NodeHost.start({ ...spec, files }, { node });
  try {
    await engine.load();
  } catch (error) {
    await engine.end();
    throw error;
  }
  return engine;
}

/** gpt2-wasm's faster build with the random model. */
export function openOurs(spec, { node, folder }) {
  return openEngine({ module: 'gpt2_wasm_node', build: 'relaxed', ...spec }, { node, files: { folder } });
}

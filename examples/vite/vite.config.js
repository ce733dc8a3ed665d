/** These let larger models use several threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  // Bundles do not contain models; this folder is served as it is. For your own models use a folder of your own.
  publicDir: 'node_modules/gpt2-wasm/models',
  // The development server must not bundle the package, whose modules find workers and binaries beside themselves.
  optimizeDeps: { exclude: ['gpt2-wasm'] },
  server: { headers },
  preview: { headers },
};

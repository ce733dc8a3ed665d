/** With these, larger models use several threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default {
  // Bundles do not carry models: these are served as they are. Put your own in a folder of that kind.
  publicDir: 'node_modules/gpt2-wasm/models',
  // The development server must leave the package's files where its workers and binaries are.
  optimizeDeps: { exclude: ['gpt2-wasm'] },
  server: { headers },
  preview: { headers },
};

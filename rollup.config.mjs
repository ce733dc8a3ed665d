import { nodeResolve } from '@rollup/plugin-node-resolve';

// tsc has written JavaScript to build/js and types to build/types; this makes the modules that are shipped.
// The AssemblyScript loader is the only package taken in; the command line's packages stay imports.
export default {
  input: {
    index: 'build/js/index.js',
    train: 'build/js/train/index.js',
    cli: 'build/js/cli/main.js',
    node_thread: 'build/js/node/thread_main.js',
    browser_thread: 'build/js/browser/thread_main.js',
  },
  output: { dir: 'build/esm', format: 'es', chunkFileNames: '[name].js' },
  external: [/^node:/, 'commander', 'cli-progress'],
  plugins: [nodeResolve()],
};

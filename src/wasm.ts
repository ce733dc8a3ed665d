/**
 * The type of `gpt2-wasm/wasm/*.wasm`: an address, bytes or a module, depending on the bundler or runtime.
 */
// biome-ignore lint/suspicious/noExplicitAny: it differs between bundlers.
declare const binary: any;
export default binary;

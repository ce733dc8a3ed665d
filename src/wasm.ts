/** The types of `gpt2-wasm/wasm/*.wasm`: what the bundler or runtime makes of the file, an address, bytes or a module. */
// biome-ignore lint/suspicious/noExplicitAny: it differs between bundlers.
declare const binary: any;
export default binary;

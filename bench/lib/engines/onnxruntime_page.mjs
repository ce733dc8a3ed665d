import * as ort from '../../node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';
import { loadSession } from './onnxruntime.mjs';

export function load({ onnx, threads }) {
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url).href;
  return loadSession(ort, onnx, threads);
}

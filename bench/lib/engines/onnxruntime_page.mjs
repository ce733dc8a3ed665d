import * as ort from '../../node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';
import { loadSession, setUpRuntime } from './onnxruntime.mjs';

export function load({ onnx, threads }) {
  setUpRuntime(ort, threads);
  return loadSession(ort, onnx, threads);
}

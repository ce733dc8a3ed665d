import * as ort from '../../node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';
import { loadSessions } from './captions_onnxruntime.mjs';
import { setUpRuntime } from './onnxruntime.mjs';

export function load(spec) {
  setUpRuntime(ort, spec.threads);
  return loadSessions(ort, spec);
}

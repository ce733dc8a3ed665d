import * as ort from 'onnxruntime-node';
import { loadSessions } from './captions_onnxruntime.mjs';

export const load = (spec) => loadSessions(ort, spec);

import * as ort from 'onnxruntime-node';
import { loadSession } from './onnxruntime.mjs';

export const load = ({ onnx, threads }) => loadSession(ort, onnx, threads);

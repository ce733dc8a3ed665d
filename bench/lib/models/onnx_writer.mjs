import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { bytes, float, integer, message } from './protobuf.mjs';

/** Element types of ONNX by name. */
const TYPES = { f32: 1, u8: 2, i8: 3, i32: 6, i64: 7 };

/** Versions of the format and of the operator sets that the graph is written for. */
const FORMAT = 8;
const OPERATORS = 17;

/** Collects the nodes, weights, inputs and outputs of one graph, and writes them as an ONNX file. */
export class OnnxWriter {
  #nodes = [];
  #initializers = [];
  #inputs = [];
  #outputs = [];
  #names = 0;

  /** A name for a value that no other value has. */
  #fresh(kind) {
    return `${kind}_${this.#names++}`;
  }

  /** Adds a weight or constant; returns its name. `dims` as ONNX has them, the contiguous one last. */
  constant(type, dims, data) {
    const name = this.#fresh('constant');
    const shape = dims.map((size) => integer(1, size));
    this.#initializers.push(message(5, ...shape, integer(2, TYPES[type]), bytes(8, name), bytes(9, data)));
    return name;
  }

  scalar(value) {
    return this.constant('f32', [], Float32Array.of(value));
  }

  integers(...values) {
    return this.constant('i64', [values.length], BigInt64Array.from(values.map(BigInt)));
  }

  /** Adds an operation; returns the names of its outputs, which may be given. */
  node(operator, inputs, { attributes = {}, domain = '', outputs = 1 } = {}) {
    const names =
      typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.#fresh(operator)) : outputs;
    this.#nodes.push(
      message(
        1,
        ...inputs.map((name) => bytes(1, name)),
        ...names.map((name) => bytes(2, name)),
        bytes(3, this.#fresh('node')),
        bytes(4, operator),
        ...Object.entries(attributes).map(attribute),
        bytes(7, domain),
      ),
    );
    return names;
  }

  /** As `node`, for operations with one output: its name. */
  op(operator, inputs, options) {
    return this.node(operator, inputs, options)[0];
  }

  /** Dimensions are numbers, or names if they vary. */
  input(name, type, dims) {
    this.#inputs.push(value(11, name, type, dims));
    return name;
  }

  output(name, type, dims) {
    this.#outputs.push(value(12, name, type, dims));
  }

  write(path) {
    const graph = [
      ...this.#nodes,
      bytes(2, 'gpt2'),
      ...this.#initializers,
      ...this.#inputs,
      ...this.#outputs,
    ];
    const file = openSync(`${path}.unfinished`, 'w');
    for (const part of [
      ...integer(1, FORMAT),
      ...message(8, bytes(1, ''), integer(2, OPERATORS)),
      ...message(8, bytes(1, 'com.microsoft'), integer(2, 1)),
      ...message(7, ...graph),
    ]) {
      writeSync(file, part);
    }
    closeSync(file);
    renameSync(`${path}.unfinished`, path);
  }
}

function attribute([name, value]) {
  if (Array.isArray(value)) {
    return message(5, bytes(1, name), ...value.map((one) => integer(8, one)), integer(20, 7));
  }
  if (typeof value === 'object') return message(5, bytes(1, name), float(2, value.float), integer(20, 1));
  return message(5, bytes(1, name), integer(3, value), integer(20, 2));
}

function value(field, name, type, dims) {
  const shape = dims.map((size) => message(1, typeof size === 'number' ? integer(1, size) : bytes(2, size)));
  const tensor = message(1, integer(1, TYPES[type]), message(2, ...shape));
  return message(field, bytes(1, name), message(2, tensor));
}

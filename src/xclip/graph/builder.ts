import { basename } from 'node:path';
import { CheckpointError } from '../checkpoint-error.ts';
import type { StoredTensors } from '../safetensors.ts';
import {
  ATTRIBUTE,
  ELEMENT,
  type Element,
  EXTERNAL,
  encodeModel,
  type GraphProto,
  type NodeProto,
  type ValueInfoProto,
} from './onnx.ts';

/** A checkpoint's weights: the real path of the file (no symlink) and where each tensor lies in it. */
export interface Weights {
  path: string;
  tensors: StoredTensors;
}

/** Name of a value in the graph under construction. */
export type Value = string;
type Attribute = number | number[] | { float: number } | { graph: GraphProto };

const OTHER_CONFIG = 'Is config.json that of these weights?';
const STORED: Record<string, Element> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

export type GraphBuilder = ReturnType<typeof graphBuilder>;

/** Builds one ONNX graph node by node; weights stay where they are and are referred to by their place in the file. */
export function graphBuilder(name: string, weights: Weights) {
  const graph: GraphProto = { name, node: [], initializer: [], input: [], output: [] };
  const known = new Map<string, Value>();
  let nodes = graph.node;
  let count = 0;

  /** Adds a node of one output. Attributes: an integer, integers, or `{ float }`. */
  function op(opType: string, input: Value[], attributes: Record<string, Attribute> = {}): Value {
    const output = `${opType}_${count++}`;
    const [domain, type] = opType.startsWith('com.microsoft.')
      ? ['com.microsoft', opType.slice(14)]
      : ['', opType];
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    nodes.push({ opType: type, domain, input, output: [output], attribute });
    return output;
  }

  /**
   * A weight in fp32. `stored` is the shape the checkpoint must have it in; `view` another shape of the same bytes.
   * @throws CheckpointError when it is missing, of another shape, or of a type that is not F32, F16 or BF16.
   */
  function weight(tensor: string, stored: number[], view = stored): Value {
    const element = storedAs(tensor, stored);
    const value = storedWeight(tensor, stored, view);
    // In the graph itself, also when a body asks: there it is computed once, when the session is created.
    return element === 'float32'
      ? value
      : once(`fp32 ${value}`, () => within(graph.node, () => cast(value, 'float32')));
  }

  /** A weight in the type the file has it in, for what need not become fp32 as a whole. */
  function storedWeight(tensor: string, stored: number[], view = stored): Value {
    const element = storedAs(tensor, stored);
    return once(`${tensor} [${view}]`, (key) => {
      const { offset, length } = weights.tensors.get(tensor) as { offset: number; length: number };
      const externalData = Object.entries({
        location: basename(weights.path),
        offset: `${offset}`,
        length: `${length}`,
      });
      graph.initializer.push({
        name: key,
        dims: view,
        dataType: ELEMENT[element],
        dataLocation: EXTERNAL,
        externalData: externalData.map(([key, value]) => ({ key, value })),
      });
      return key;
    });
  }

  function storedAs(tensor: string, shape: number[]): Element {
    const found = weights.tensors.get(tensor);
    if (!found) {
      throw new CheckpointError(weights.path, `tensor ${tensor} [${shape}] is missing. ${OTHER_CONFIG}`);
    }
    const element = STORED[found.dtype];
    if (!element) {
      throw new CheckpointError(
        weights.path,
        `tensor ${tensor} is of type ${found.dtype}; F32, F16 or BF16 are used.`,
      );
    }
    if (`${found.shape}` !== `${shape}`) {
      throw new CheckpointError(
        weights.path,
        `tensor ${tensor} has the shape [${found.shape}], expected [${shape}]. ${OTHER_CONFIG}`,
      );
    }
    return element;
  }

  function once(key: string, make: (key: string) => Value): Value {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  }

  function constant(element: 'float32' | 'int64', values: number[], dims: number[]): Value {
    const data = element === 'float32' ? Float32Array.from(values) : BigInt64Array.from(values, BigInt);
    return once(`${element} [${dims}] ${values}`, (key) => {
      graph.initializer.push({
        name: key,
        dims,
        dataType: ELEMENT[element],
        rawData: new Uint8Array(data.buffer),
      });
      return key;
    });
  }

  function within<T>(list: NodeProto[], build: () => T): T {
    const outer = nodes;
    nodes = list;
    try {
      return build();
    } finally {
      nodes = outer;
    }
  }

  /**
   * Computes `body` for one slice of the inputs' first axis after the other; the results are stacked again. What the
   * body needs of intermediate memory is needed for one slice only.
   */
  function scan(input: Value[], body: (slices: Value[]) => Value): Value {
    const slices = input.map((value) => `${value}_slice_${count++}`);
    const node: NodeProto[] = [];
    const result = within(node, () => body(slices));
    const float = (name: string): ValueInfoProto => ({
      name,
      type: { tensorType: { elemType: ELEMENT.float32 } },
    });
    const inner = {
      name: `scan_${count++}`,
      node,
      initializer: [],
      input: slices.map(float),
      output: [float(result)],
    };
    return op('Scan', input, { body: { graph: inner }, num_scan_inputs: input.length });
  }

  const cast = (value: Value, to: Element) => op('Cast', [value], { to: ELEMENT[to] });

  return {
    op,
    scan,
    weight,
    cast,
    storedWeight,
    /** A one-dimensional int64 constant: a shape, axes, indices. */
    ints: (...values: number[]) => constant('int64', values, [values.length]),
    floats: (values: number[], dims = [values.length]) => constant('float32', values, dims),
    reshape: (value: Value, shape: Value) => op('Reshape', [value, shape]),
    input(name: string, element: Element, shape: (number | string)[]): Value {
      graph.input.push(valueInfo(name, element, shape));
      return name;
    },
    output(name: string, value: Value, element: Element, shape: (number | string)[]): void {
      graph.node.push({ opType: 'Identity', domain: '', input: [value], output: [name], attribute: [] });
      graph.output.push(valueInfo(name, element, shape));
    },
    /** The bytes of the ONNX file. */
    build: () => encodeModel(graph),
  };
}

function attributeProto(name: string, value: Attribute): NodeProto['attribute'][number] {
  if (Array.isArray(value)) return { name, type: ATTRIBUTE.ints, ints: value };
  if (typeof value === 'number') return { name, type: ATTRIBUTE.int, i: value };
  if ('graph' in value) return { name, type: ATTRIBUTE.graph, g: value.graph };
  return { name, type: ATTRIBUTE.float, f: value.float };
}

function valueInfo(name: string, element: Element, shape: (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT[element], shape: { dim } } } };
}

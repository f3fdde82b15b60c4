import {
  type Attribute,
  attributeProto,
  ELEMENT,
  type Element,
  encodeModel,
  type GraphProto,
  type NodeProto,
  valueInfo,
} from './onnx.ts';
import { floatType, inPlace, type Weights } from './weights.ts';

/** Name of a value in the graph under construction. */
export type Value = string;

export type GraphBuilder = ReturnType<typeof graphBuilder>;

/** How a graph computes. */
export interface GraphMode {
  /** The type that weights are brought to; fp32 by default. */
  type?: 'float32' | 'float16';
  /** Whether the inputs of linear layers become outputs (observe-rows.ts). */
  observing?: boolean;
}

/** Builds one ONNX graph node by node; weights stay where they are and are referred to by their place in the file. */
export function graphBuilder(
  name: string,
  weights: Weights,
  { type = 'float32', observing = false }: GraphMode = {},
) {
  const graph: GraphProto = { name, node: [], initializer: [], input: [], output: [] };
  const known = new Map<string, Value>();
  /** Where nodes go: the graph's, or those of what `scan` repeats. */
  let nodes = graph.node;
  /** What is observed within `scan`. */
  let repeated: [name: string, value: Value][] | null = null;
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
   * A weight in the graph's type. `stored` is the shape the checkpoint must have it in; `view` another shape of the same bytes.
   * @throws CheckpointError when it is missing, of another shape, or of a type that is not F32, F16 or BF16.
   */
  function weight(tensor: string, stored: number[], view = stored): Value {
    const value = storedWeight(tensor, stored, view);
    if (floatType(weights, tensor, stored) === type) return value;
    // In the graph itself, also when a body asks: there it is computed once, when the session is created.
    return once(`${type} ${value}`, () => within(graph.node, () => cast(value, type)));
  }

  /** A weight in the type the file has it in, for what need not be brought to another as a whole. */
  function storedWeight(tensor: string, stored: number[], view = stored): Value {
    return reference(tensor, floatType(weights, tensor, stored), stored, view);
  }

  function reference(tensor: string, element: Element, shape: number[], view = shape): Value {
    return once(`${tensor} [${view}]`, (key) => {
      graph.initializer.push(inPlace(weights, tensor, { key, element, shape, view }));
      return key;
    });
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
    const result = build();
    nodes = outer;
    return result;
  }

  /**
   * Computes something for one slice of the inputs' first axis after the other, and stacks the results: the memory it
   * needs on the way is that of one slice. Not within itself.
   */
  function scan(input: Value[], compute: (slices: Value[]) => Value): Value {
    const node: NodeProto[] = [];
    const observed: [string, Value][] = [];
    const slices = input.map((value) => `${value}_slice_${count++}`);
    repeated = observed;
    const result = within(node, () => compute(slices));
    repeated = null;
    const typed = (value: Value) => valueInfo(value, type);
    const output = [result, ...observed.map(([, value]) => value)].map(typed);
    const body = { name: `scan_${count++}`, node, initializer: [], input: slices.map(typed), output };
    const stacked = `${result}_stacked`;
    graph.node.push({
      opType: 'Scan',
      domain: '',
      input,
      output: [stacked, ...observed.map(([name]) => name)],
      attribute: [attributeProto('body', { graph: body }), attributeProto('num_scan_inputs', input.length)],
    });
    return stacked;
  }

  /** Computes one of two values of the same type and shape; weights that both use are there once. */
  function either(condition: Value, yes: () => Value, no: () => Value): Value {
    const branch = (compute: () => Value) => {
      const node: NodeProto[] = [];
      const output = [valueInfo(within(node, compute), type)];
      return { graph: { name: `branch_${count++}`, node, initializer: [], input: [], output } };
    };
    return op('If', [condition], { then_branch: branch(yes), else_branch: branch(no) });
  }

  /** Makes a value an output of the graph; within `scan` those of all slices, stacked. */
  function observe(name: string, value: Value): void {
    graph.output.push(valueInfo(name, type));
    if (repeated) repeated.push([name, value]);
    else graph.node.push({ opType: 'Identity', domain: '', input: [value], output: [name], attribute: [] });
  }

  const cast = (value: Value, to: Element) => op('Cast', [value], { to: ELEMENT[to] });

  return {
    type,
    op,
    scan,
    either,
    observing,
    observe,
    weight,
    cast,
    storedWeight,
    /** Whether a linear layer's matrix is stored in int8. */
    isInt8: (tensor: string) => weights.tensors.get(tensor)?.dtype === 'I8',
    int8Weight: (tensor: string, shape: number[]) => reference(tensor, 'int8', shape),
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

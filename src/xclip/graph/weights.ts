import { basename } from 'node:path';
import { CheckpointError } from '../checkpoint-error.ts';
import type { StoredTensor, StoredTensors } from '../safetensors.ts';
import { ELEMENT, type Element, EXTERNAL, type TensorProto } from './onnx.ts';

/** A checkpoint's weights: the real path of the file (no symlink) and where each tensor lies in it. */
export interface Weights {
  path: string;
  tensors: StoredTensors;
}

const OTHER_CONFIG = 'Is config.json that of these weights?';
const FLOATS: Record<string, Element> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** @throws CheckpointError when the tensor is missing or of another shape. */
function findTensor({ path, tensors }: Weights, name: string, shape: number[]): StoredTensor {
  const found = tensors.get(name);
  if (!found) throw new CheckpointError(path, `tensor ${name} [${shape}] is missing. ${OTHER_CONFIG}`);
  if (`${found.shape}` !== `${shape}`) {
    throw new CheckpointError(
      path,
      `tensor ${name} has the shape [${found.shape}], expected [${shape}]. ${OTHER_CONFIG}`,
    );
  }
  return found;
}

/**
 * The type of a tensor of floating-point numbers.
 * @throws CheckpointError when it is missing, of another shape, or of a type that is not F32, F16 or BF16.
 */
export function floatType(weights: Weights, name: string, shape: number[]): Element {
  const { dtype } = findTensor(weights, name, shape);
  const element = FLOATS[dtype];
  if (!element) {
    throw new CheckpointError(weights.path, `tensor ${name} is of type ${dtype}; F32, F16 or BF16 are used.`);
  }
  return element;
}

/**
 * An initializer that refers to a tensor's bytes in the file. `view` is another shape of the same bytes.
 * @throws CheckpointError when the tensor is missing or of another shape.
 */
export function inPlace(
  weights: Weights,
  name: string,
  { key, element, shape, view }: { key: string; element: Element; shape: number[]; view: number[] },
): TensorProto {
  const { offset, length } = findTensor(weights, name, shape);
  const place = { location: basename(weights.path), offset: `${offset}`, length: `${length}` };
  return {
    name: key,
    dims: view,
    dataType: ELEMENT[element],
    dataLocation: EXTERNAL,
    externalData: Object.entries(place).map(([key, value]) => ({ key, value })),
  };
}

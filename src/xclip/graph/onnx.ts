import protobuf from 'protobufjs';

// The messages of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto that our graphs need, by the same field numbers.
const PROTO = `
  syntax = "proto2";
  message ModelProto { optional int64 ir_version = 1; repeated OperatorSetIdProto opset_import = 8; optional GraphProto graph = 7; }
  message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
    repeated AttributeProto attribute = 5; optional string domain = 7;
  }
  message AttributeProto { optional string name = 1; optional int32 type = 20; optional float f = 2; optional int64 i = 3; repeated int64 ints = 8; optional GraphProto g = 6; }
  message TensorProto {
    repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
    repeated StringStringEntryProto external_data = 13; optional int32 data_location = 14;
  }
  message StringStringEntryProto { optional string key = 1; optional string value = 2; }
  message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
  message TypeProto { message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; } optional Tensor tensor_type = 1; }
  message TensorShapeProto { message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; } repeated Dimension dim = 1; }
`;

/** ONNX element types (TensorProto.DataType). */
export const ELEMENT = { float32: 1, uint8: 2, int8: 3, int64: 7, float16: 10, bfloat16: 16 } as const;
export type Element = keyof typeof ELEMENT;

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, int: 2, graph: 5, ints: 7 } as const;
/** TensorProto.DataLocation. */
export const EXTERNAL = 1;

export interface NodeProto {
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: { name: string; type: number; f?: number; i?: number; ints?: number[]; g?: GraphProto }[];
}

export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  rawData?: Uint8Array;
  dataLocation?: number;
  externalData?: { key: string; value: string }[];
}

export interface ValueInfoProto {
  name: string;
  type: {
    tensorType: { elemType: number; shape?: { dim: ({ dimValue: number } | { dimParam: string })[] } };
  };
}

export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export type Attribute = number | number[] | { float: number } | { graph: GraphProto };

/** An attribute: an integer, integers, or what it is said to be. */
export function attributeProto(name: string, value: Attribute): NodeProto['attribute'][number] {
  if (Array.isArray(value)) return { name, type: ATTRIBUTE.ints, ints: value };
  if (typeof value === 'number') return { name, type: ATTRIBUTE.int, i: value };
  if ('graph' in value) return { name, type: ATTRIBUTE.graph, g: value.graph };
  return { name, type: ATTRIBUTE.float, f: value.float };
}

/** An input or output; a size that is only named can vary, without a shape everything can. */
export function valueInfo(name: string, element: Element, shape?: (number | string)[]): ValueInfoProto {
  const dim = shape?.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT[element], ...(dim && { shape: { dim } }) } } };
}

const ModelProto = protobuf.parse(PROTO).root.lookupType('ModelProto');

/** A graph as the bytes of an ONNX file: IR version 8, opset 17, and the runtime's own fused operators. */
export function encodeModel(graph: GraphProto): Uint8Array {
  const opsetImport = [
    { domain: '', version: 17 },
    { domain: 'com.microsoft', version: 1 },
  ];
  return ModelProto.encode(ModelProto.create({ irVersion: 8, opsetImport, graph })).finish();
}

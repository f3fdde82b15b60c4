import type { FeaturesForm } from './xclip.ts';

/** A tensor that patch features consist of: an input of the score graph and, in this order, a part of a clip's bytes. */
export interface FeaturePart {
  input: 'patch_features' | 'scales';
  type: 'float32' | 'float16' | 'int8';
  /** Of one clip. */
  shape: [patches: number, numbers: number];
}

/** Bytes of a number. */
export const TYPE_BYTES = { float32: 4, float16: 2, int8: 1 } as const;

/**
 * How the patch features [P, D] of a clip are kept in a form, little-endian. int8 is symmetric with one scale for each
 * patch: `x = scale · n`, n in −127 … 127.
 */
export function featureLayout(form: FeaturesForm, patches: number, dimensions: number): FeaturePart[] {
  const numbers = (type: FeaturePart['type']): FeaturePart => ({
    input: 'patch_features',
    type,
    shape: [patches, dimensions],
  });
  switch (form) {
    case 'fp32':
      return [numbers('float32')];
    case 'fp16':
      return [numbers('float16')];
    case 'int8':
      return [{ input: 'scales', type: 'float32', shape: [patches, 1] }, numbers('int8')];
    case 'none':
      return [];
  }
}

/** Bytes of one clip's patch features in a form. */
export function featureBytes(form: FeaturesForm, patches: number, dimensions: number): number {
  return featureLayout(form, patches, dimensions).reduce((sum, part) => sum + partBytes(part), 0);
}

/** Bytes of a part of one clip's patch features. */
export function partBytes({ shape: [patches, numbers], type }: FeaturePart): number {
  return patches * numbers * TYPE_BYTES[type];
}

/** One X-CLIP checkpoint, ready to encode and score. T frames, S pixels, D dimensions, P patches. */
export interface XClip {
  readonly name: string;
  /** SHA-256 over weights, config, tokenizer, preprocessing and sampling rule. */
  readonly fingerprint: string;
  /** The name of the rule by which T frames are taken from a clip. */
  readonly sampling: string;
  readonly bundled: boolean;
  readonly options: EngineOptions;
  /** T: frames of a clip. */
  readonly frames: number;
  /** D: numbers of an embedding. */
  readonly dimensions: number;
  /** P: patches of a frame. */
  readonly patches: number;
  readonly framing: Framing;
  readonly card: ModelCard;
  /** SHA-256 over the card's background texts. */
  readonly backgroundHash: string;
  /** `frames`: uint8 RGB [T, S, S, 3]. Aborting kills the run and rejects with the signal's reason. */
  encodeClip(frames: Uint8Array, signal?: AbortSignal): Promise<ClipEncoding>;
  /** Text embeddings [D], in the order of `texts`, not normalised: as the prompt generator needs them. */
  encodeTexts(texts: string[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** The published logits, row-major [clips, texts], computed in short runs taken in turn between callers. */
  score(texts: Float32Array[], clips: ScorableClip[], signal?: AbortSignal): Promise<Float32Array>;
  /** Lets the running runs end and stops the worker and the video process. */
  close(): Promise<void>;
}

/** The arithmetic of the encoders. */
export type Precision = 'fp32' | 'fp16' | 'int8';
/** What computes. */
export type Provider = 'cpu' | 'cuda';
/** How a clip's patch features are kept. */
export type FeaturesForm = 'fp32' | 'fp16' | 'int8' | 'none';

/** How an engine computes, and how it hands out the patch features of new clips. Scores take them in any form. */
export interface EngineOptions {
  precision: Precision;
  provider: Provider;
  features: FeaturesForm;
}

/** How a video frame becomes model input: shortest edge resized to `resize` px, centre of `crop` × `crop` px (S). */
export interface Framing {
  resize: number;
  crop: number;
}

export interface ClipEncoding {
  /** [D], L2-normalised. */
  embedding: Float32Array;
  /** [P, D] after the prompt generator's layer norm, as bytes in the form of `options.features`. */
  patchFeatures: Uint8Array;
  /** How long the encoder ran, its wait for its turn aside. */
  seconds: number;
}

export interface ScorableClip {
  embedding: Float32Array;
  patchFeatures: PatchFeatures;
}

/** A clip's patch features, or where they lie in a file (`offset` in bytes): the scoring worker reads them itself. */
export type PatchFeatures =
  | { form: FeaturesForm; bytes: Uint8Array }
  | { form: FeaturesForm; path: string; offset: number };

/** What a checkpoint says about its own scores. */
export interface ModelCard {
  /** Texts whose logits give a clip's background. */
  background: string[];
  /** `relevance = sigmoid(a · (logit − background) + b)`; not calibrated means 1, 0, 0. */
  relevance: { a: number; b: number; minRelevance: number; calibrated: boolean };
}

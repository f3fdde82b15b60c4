import type { FeaturesForm, Precision, Provider } from '../xclip/xclip.ts';

/** Any JSON value, as kept in a `jsonb` column. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Something a client should know about a video that is nevertheless usable, e.g. code `TRUNCATED`. */
export interface Warning {
  code: string;
  message: string;
}

/** Where a video's bytes are. A path is read in place and is gone when its size or mtime no longer match. */
export type VideoSource = { kind: 'PATH'; path: string; size: number; mtimeMs: number } | { kind: 'UPLOAD' }; // DATA_DIR/media/<sha256>

/** One source file, identified by the SHA-256 of its bytes. */
export interface Video {
  id: string;
  sha256: string;
  title: string;
  tags: string[];
  metadata: Json;
  /** Seconds. */
  duration: number;
  /** Pixels as displayed: swapped for files rotated by 90°. */
  width: number;
  height: number;
  frameRate: number | null;
  createdAt: Date;
  source: VideoSource;
  warnings: Warning[];
  /** All its clips are embedded by the active model. */
  searchable: boolean;
  segmentation: Segmentation;
  /** Seconds at which a new scene begins; null when its segmentation does not ask for scenes. */
  cuts: number[] | null;
  /** How often it was cut anew. */
  edition: number;
}

/** How a video is cut into clips. */
export interface Segmentation {
  /** Seconds a clip is aimed at. */
  clipSeconds: number;
  /** The share of a clip that the next one repeats, 0 to 0.9. */
  overlap: number;
  /** Clips end where a scene does. */
  scenes: boolean;
}

/** A time window `[start, end)` of a video, in seconds: what gets an embedding. */
export interface Clip {
  index: number;
  start: number;
  end: number;
}

/** A clip as embedded by one model. */
export interface EmbeddedClip extends Clip {
  videoId: string;
  /** Of the video, when it was cut. */
  edition: number;
  /** L2-normalised, D numbers. */
  embedding: Float32Array;
  /** Log-sum-exp of the clip's logits over the background texts of `backgroundHash`. */
  background: number;
  backgroundHash: string;
  /** How the embedding was computed, and the form its patch features are kept in. */
  precision: Precision;
  provider: Provider;
  features: FeaturesForm;
}

/** What is done with an ingestion, in this order: `download` for URLs, `scenes` when its clips shall end with them. */
export type IngestionStage = 'download' | 'hash' | 'probe' | 'scenes' | 'embed';

export type IngestionState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What was given to `ingestVideo`; `name` is what clients see. */
export type IngestionSource =
  | { kind: 'PATH'; name: string; path: string }
  | { kind: 'UPLOAD'; name: string; uploadId: string }
  | { kind: 'URL'; name: string; url: string };

/** Why an attempt of an ingestion failed. */
export interface IngestionError {
  code: string;
  message: string;
  retryable: boolean;
}

/** The job that takes a source to an embedded video. */
export interface Ingestion {
  id: string;
  /** Counts the changes of state, stage, progress, video and due time. */
  version: number;
  source: IngestionSource;
  title: string | null;
  tags: string[];
  metadata: Json;
  state: IngestionState;
  /** While running. */
  stage: IngestionStage | null;
  /** 0 to 1. */
  progress: number;
  attempts: number;
  duplicate: boolean;
  error: IngestionError | null;
  /** Of all its attempts, the oldest first. */
  errors: (IngestionError & { attempt: number; at: Date })[];
  warnings: Warning[];
  /** When it is tried again by itself; null unless it waits for that. */
  retryAt: Date | null;
  videoId: string | null;
  createdAt: Date;
  finishedAt: Date | null;
  /** Null: none was asked for. */
  segmentation: Segmentation | null;
  /** Attempts in a row whose worker fell silent before it stored anything. */
  crashes: number;
  /** It cuts a stored video anew. */
  recuts: boolean;
  /** Set: it embeds a stored video with this model; its source is the video's own. */
  model: string | null;
}

/** What changed of an ingestion, as the database tells it. */
export type IngestionChange = Pick<Ingestion, 'id' | 'version' | 'state' | 'stage' | 'progress'>;

export interface VideoFilter {
  ids?: string[];
  /** Videos of these bytes, in lower-case hexadecimal. */
  sha256?: string[];
  /** Videos that carry all of these. */
  tags?: string[];
  /** Videos that carry one of these. */
  anyTags?: string[];
  /** Videos whose title contains this, letter case aside. */
  title?: string;
  metadata?: MetadataCondition[];
  /** Seconds, both inclusive. */
  duration?: { min?: number | null; max?: number | null };
  /** `from` is inclusive, `to` exclusive. */
  createdAt?: { from?: Date | null; to?: Date | null };
  /** Whether all clips are embedded by the active model. */
  searchable?: boolean;
  /** The fingerprint of a model that has embedded all clips. */
  embeddedBy?: string;
}

/** What must hold of a place in a video's metadata; all that is given. */
export interface MetadataCondition {
  /** Keys from the outside in; a number is a place in a list. */
  path: string[];
  equals?: Json;
  in?: Json[];
  exists?: boolean;
  /** Numbers compare with numbers, texts with texts, by code points; anything else does not match. */
  gt?: number | string;
  gte?: number | string;
  lt?: number | string;
  lte?: number | string;
}

/** A text to classify against. */
export interface StoredLabel {
  label: string;
  /** What the model reads instead of it; none: the label itself. */
  texts: string[];
  /** Ids of videos that show what it means. */
  examples: string[];
}

/** A named list of labels, as lists show it. */
export interface ListedLabelSet {
  id: string;
  name: string;
  /** Put around each text, each with `{}` once; none: the text as it is. */
  templates: string[];
  /** How many labels it has. */
  size: number;
  /** Part of the program: it cannot be changed, and has no dates. */
  builtIn: boolean;
  createdAt: Date | null;
  updatedAt: Date | null;
}

export interface LabelSet extends ListedLabelSet {
  labels: StoredLabel[];
}

/** One page of a list. A cursor is opaque: it goes back as `after`. */
export interface Page<T> {
  edges: { cursor: string; node: T }[];
  hasNextPage: boolean;
}

/** The right of a worker to an ingestion it claimed. What it writes for it is refused once another has it. */
export interface Lease {
  /** Of the ingestion. */
  id: string;
  worker: string;
}

/** A place in the order of search: videos by the distance of their nearest clip, then by id. */
export interface SearchKey {
  /** Negative inner product of query and clip: −1 is nearest. */
  distance: number;
  videoId: string;
}

/** A place in the order of a search for clips: by distance, then by id of the video and index. */
export interface ClipKey extends SearchKey {
  index: number;
}

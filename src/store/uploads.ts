export interface Upload {
  path: string;
  /** File name as the client gave it. */
  name: string;
  /** Bytes. */
  size: number;
  complete: boolean;
}

/** Uploads in `DATA_DIR/uploads`: under way as the tus file store keeps them (`<id>`, `<id>.json`), then `finished/<id>`. */
export interface Uploads {
  /** Where the tus library keeps uploads under way. */
  folder: string;
  /**
   * Where an upload's bytes are now: its own file, or its video's once it was taken into the library; null when there
   * is no such upload.
   */
  find(id: string): Promise<Upload | null>;
  /** Takes a complete upload out of the reach of the tus library's expiry. */
  finish(id: string, upload: { name: string; size: number }): Promise<void>;
  remove(id: string): Promise<void>;
}

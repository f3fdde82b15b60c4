/** The bytes of uploaded videos in `DATA_DIR/media/<sha256>`. */
export interface Media {
  path(sha256: string): string;
  /** Moves a file here and returns its new path; nothing to do when it is here already. */
  adopt(from: string, sha256: string): Promise<string>;
}

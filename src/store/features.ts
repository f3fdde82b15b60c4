/** Patch features in `DATA_DIR/features/<model>/<video>`: fp16 bits, clip k at k · P · D · 2 bytes. */
export interface Features {
  /** Writes and syncs the [P, D] features of one clip. */
  write(model: string, videoId: string, index: number, features: Uint16Array): Promise<void>;
  /** Where a clip's features lie; `offset` in bytes. */
  location(
    model: string,
    videoId: string,
    index: number,
    patches: number,
    dimensions: number,
  ): { path: string; offset: number };
}

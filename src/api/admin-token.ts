import { randomBytes } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkKeptToken, type Settings } from '../config.ts';

export interface AdminToken {
  token: string;
  /** Where an admin finds it, for people. */
  place: string;
}

/**
 * The admin token: as set, else as kept in `DATA_DIR/admin-token` (readable by its owner alone), made when missing.
 * Throws `SettingsError` when the file holds no good token, or the read token.
 */
export async function adminToken({
  adminToken,
  readToken,
  dataDir,
}: Pick<Settings, 'adminToken' | 'readToken' | 'dataDir'>): Promise<AdminToken> {
  if (adminToken !== undefined) return { token: adminToken, place: 'the setting ADMIN_TOKEN' };
  const file = join(dataDir, 'admin-token');
  const token = (await read(file)) ?? (await make(file));
  checkKeptToken(token, file, readToken);
  return { token, place: file };
}

async function read(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || null;
}

/** Written whole or not at all; of several processes that start at once, the first one's counts. */
async function make(file: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${token}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, file);
    return token;
  } catch (error) {
    const theirs = await read(file);
    if (theirs === null) throw error;
    return theirs;
  } finally {
    await unlink(draft);
  }
}

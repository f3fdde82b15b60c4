import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface AdminToken {
  token: string;
  /** Where an admin finds it, for people. */
  place: string;
}

/** The admin token: as set, else as kept in `DATA_DIR/admin-token` (readable by its owner alone), made when missing. */
export async function adminToken(setting: string | undefined, dataDir: string): Promise<AdminToken> {
  if (setting !== undefined) return { token: setting, place: 'ADMIN_TOKEN' };
  const file = join(dataDir, 'admin-token');
  const kept = await readFile(file, 'utf8').catch(() => '');
  const token = kept.trim() || (await make(file));
  return { token, place: file };
}

async function make(file: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const handle = await open(file, 'w', 0o600);
  await handle.chmod(0o600);
  await handle.writeFile(`${token}\n`);
  await handle.sync();
  await handle.close();
  return token;
}

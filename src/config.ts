import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import type { z } from 'zod';
import { accessToken, hubToken } from './setting-types.ts';
import { SETTINGS, type SettingValues, TOKEN } from './settings-table.ts';

/** Everything that can be set from outside, checked. */
export interface Settings {
  port: number;
  host: string;
  /** `host` can be reached from this machine alone. */
  loopback: boolean;
  dataDir: string;
  /** A PostgreSQL server; the embedded database without it. */
  databaseUrl?: string;
  model: string;
  /** Kept in `dataDir` and made at first start when not set. */
  adminToken?: string;
  /** Needed to read, when set. */
  readToken?: string;
  /** Origins of other sites' pages that may use the API; `*`: any. */
  allowedOrigins: string[];
  /** The origin that people reach the server at, behind a proxy. */
  publicUrl: string | null;
  /** The proxies whose `X-Forwarded-Host` is believed: how many, or their addresses. */
  trustProxy: number | string[] | null;
  /** Real paths of the folders that `path` sources may lie in. */
  mediaDirs: string[];
  /** How frames are taken from clips; null: as the library's model does. */
  sampling: NonNullable<SettingValues['SAMPLING']> | null;
  /** The arithmetic of the encoders, and what runs the video encoder. */
  precision: SettingValues['PRECISION'];
  provider: SettingValues['EXECUTION_PROVIDER'];
  /** How the patch features of new clips are kept. */
  patchFeatures: SettingValues['PATCH_FEATURES'];
  samples: boolean;
  /** The folder of the user's caches. */
  cache: string;
  /** The server that the command line asks. */
  server: string;
  /** What this process does: answer, ingest, or both. */
  role: SettingValues['ROLE'];
  ffmpeg: string;
  ffprobe: string;
  /** What may be fetched from URLs. */
  downloads: {
    /** Bytes of one file. */
    maxBytes: number;
    /** The hosts that plain URLs may name; `*`: any public one. */
    hosts: string[];
    /** What fetches the pages of these sites. */
    ytdlp: { path: string; hosts: string[] } | null;
  };
  /** The hub that models come from. */
  hub: {
    /** The folder of its local cache, which all its clients on this machine share. */
    cache: string;
    endpoint: string;
    token: string | null;
    /** Never ask it. */
    offline: boolean;
    /** What requests go through, by their scheme, but for the hosts in `except`, a list; empty: none. */
    proxies: { http: string; https: string; except: string } | null;
  };
  logLevel: SettingValues['LOG_LEVEL'];
}

/** Thrown by `readSettings`; its message names every bad setting, a line each, with what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Holds an admin token that a file keeps to what one that is set is held to. Throws `SettingsError`. */
export function checkKeptToken(token: string, file: string, readToken: string | undefined): void {
  if (!accessToken.safeParse(token).success) {
    throw new SettingsError(`${file}: must hold ${TOKEN}. Remove it to have a good one made.`);
  }
  if (token === readToken) {
    throw new SettingsError(
      `READ_TOKEN: must be another one than the admin token in ${file}, whoever reads could change everything`,
    );
  }
}

/** The environment for a child process: ours with these variables. */
export const environmentWith = (variables: Record<string, string>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...variables,
});

/** Next to nothing of ours, for a child process that strangers may influence: where programs are, and these variables. */
export const bareEnvironment = (variables: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  ...variables,
});

/** Whether only this machine can reach a server that listens on `host`. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);

function parse(environment: Record<string, string | undefined>): SettingValues {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, [type, allowed]] of Object.entries(SETTINGS)) {
    // `NAME=` in an env file means "not set".
    const value = environment[name] || (name.endsWith('_PROXY') && environment[name.toLowerCase()]);
    const result = (type as z.ZodType).safeParse(value || undefined);
    if (result.success) values[name] = result.data;
    else problems.push(`${name}: must be ${allowed}`);
  }
  const host = values.HOST as string | undefined;
  if (host && !isLoopback(host) && !environment.ADMIN_TOKEN) {
    problems.push(`ADMIN_TOKEN: must be set when HOST (${host}) can be reached from other machines`);
  }
  if (environment.READ_TOKEN && environment.READ_TOKEN === environment.ADMIN_TOKEN) {
    problems.push('READ_TOKEN: must be another one than ADMIN_TOKEN, whoever reads could change everything');
  }
  if (values.ROLE === 'api' || values.ROLE === 'worker') {
    if (!environment.DATABASE_URL) {
      problems.push(
        'DATABASE_URL: must be set for ROLE=api and ROLE=worker, the embedded database has one user',
      );
    }
    if (!environment.ADMIN_TOKEN) {
      problems.push('ADMIN_TOKEN: must be set for ROLE=api and ROLE=worker, the same for all of them');
    }
  }
  if (values.PRECISION === 'fp16' && values.EXECUTION_PROVIDER === 'cpu') {
    problems.push(
      'PRECISION: fp16 needs EXECUTION_PROVIDER=cuda, a CPU would not be faster; for a CPU there is int8',
    );
  }
  if (values.PRECISION === 'int8' && values.EXECUTION_PROVIDER === 'cuda') {
    problems.push(
      'PRECISION: int8 needs EXECUTION_PROVIDER=cpu, its operators are the CPU’s; for a GPU there is fp16',
    );
  }
  if (problems.length > 0) throw new SettingsError(`Bad settings:\n  ${problems.join('\n  ')}`);
  return values as SettingValues;
}

/** A program that is run in another folder than ours: a path holds there too, a name is looked up in PATH. */
function programPath(given: string): string {
  return given.includes(sep) ? resolve(given) : given;
}

const userCache = (env: SettingValues): string => env.XDG_CACHE_HOME ?? join(homedir(), '.cache');

/** As the hub's own tools read them (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables). */
function hubSettings(env: SettingValues): Settings['hub'] {
  const home = env.HF_HOME ?? join(userCache(env), 'huggingface');
  return {
    cache: resolve(env.HF_HUB_CACHE ?? join(home, 'hub')),
    endpoint: env.HF_ENDPOINT.replace(/\/+$/, ''),
    token: env.HF_TOKEN ?? readToken(env.HF_TOKEN_PATH ?? join(home, 'token')),
    offline: env.HF_HUB_OFFLINE,
    proxies:
      env.HTTPS_PROXY || env.HTTP_PROXY
        ? { http: env.HTTP_PROXY, https: env.HTTPS_PROXY, except: env.NO_PROXY }
        : null,
  };
}

function readToken(path: string): string | null {
  if (!existsSync(path)) return null;
  return hubToken.safeParse(readFileSync(path, 'utf8')).data ?? null;
}

/**
 * The settings as the environment gives them; the only reader of `process.env`.
 * @throws SettingsError naming every bad setting at once.
 */
export function readSettings(environment: Record<string, string | undefined> = process.env): Settings {
  const env = parse(environment);
  return {
    port: env.PORT,
    host: env.HOST,
    loopback: isLoopback(env.HOST),
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    model: env.MODEL,
    adminToken: env.ADMIN_TOKEN,
    readToken: env.READ_TOKEN,
    allowedOrigins: env.ALLOWED_ORIGINS,
    publicUrl: env.PUBLIC_URL ?? null,
    trustProxy: env.TRUST_PROXY ?? null,
    mediaDirs: env.MEDIA_DIRS,
    sampling: env.SAMPLING ?? null,
    precision: env.PRECISION,
    provider: env.EXECUTION_PROVIDER,
    patchFeatures: env.PATCH_FEATURES,
    samples: env.SAMPLES === 'on',
    role: env.ROLE,
    cache: userCache(env),
    server: env.CLIPQL_URL.replace(/\/+$/, ''),
    ffmpeg: env.FFMPEG_PATH,
    ffprobe: env.FFPROBE_PATH,
    downloads: {
      maxBytes: env.MAX_FILE_SIZE,
      hosts: env.URL_HOSTS,
      ytdlp: env.YTDLP_PATH ? { path: programPath(env.YTDLP_PATH), hosts: env.YTDLP_HOSTS } : null,
    },
    hub: hubSettings(env),
    logLevel: env.LOG_LEVEL,
  };
}

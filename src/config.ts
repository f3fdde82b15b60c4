import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { byteCount, folders, hostList, hubToken, port, proxy } from './setting-types.ts';

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
  /** Real paths of the folders that `path` sources may lie in. */
  mediaDirs: string[];
  /** How frames are taken from clips; null: as the library's model does. */
  sampling: (typeof SAMPLINGS)[number] | null;
  /** The arithmetic of the encoders, and what runs the video encoder. */
  precision: (typeof PRECISIONS)[number];
  provider: (typeof PROVIDERS)[number];
  /** How the patch features of new clips are kept. */
  patchFeatures: (typeof FEATURES_FORMS)[number];
  samples: boolean;
  /** What this process does: answer, ingest, or both. */
  role: (typeof ROLES)[number];
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
  logLevel: LogLevel;
}

const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;
const SAMPLINGS = ['UNIFORM', 'WINDOW'] as const;
const PROVIDERS = ['cpu', 'cuda'] as const;
const FEATURES_FORMS = ['fp32', 'fp16', 'int8', 'none'] as const;
const ROLES = ['all', 'api', 'worker'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Thrown by `readSettings`; its message names every bad setting, a line each, with what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
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

/** Sites whose pages show one video each. */
const VIDEO_SITES = 'youtube.com,youtu.be,youtube-nocookie.com,vimeo.com,dailymotion.com,dai.ly,twitch.tv';

const PROXY = 'the address of a proxy, http://host:port, for what comes from the hub';

/** What each setting may be; the text is what a user reads when it is not. */
const SETTINGS = {
  PORT: [port.default(4000), 'a port number from 0 to 65535 (0: any free one)'],
  HOST: [z.string().default('127.0.0.1'), 'a host name or address to listen on'],
  DATA_DIR: [z.string().default('data'), 'a folder'],
  DATABASE_URL: [
    // No URL by the book: over a socket it may have a user and no host.
    z
      .string()
      .regex(/^postgres(ql)?:\/\/./)
      .optional(),
    'postgres://user:password@host:port/database',
  ],
  MODEL: [z.string().default('auto'), '`auto`, `bundled`, a folder with a checkpoint, or a hub name'],
  ADMIN_TOKEN: [
    z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/)
      .optional(),
    'at least 16 visible ASCII characters without spaces',
  ],
  MEDIA_DIRS: [folders.default([]), `absolute paths of existing folders, separated by "${delimiter}"`],
  PRECISION: [z.enum(PRECISIONS).default('fp32'), '`fp32`, `int8` (CPU) or `fp16` (CUDA)'],
  SAMPLING: [z.enum(SAMPLINGS).optional(), '`UNIFORM` or `WINDOW`'],
  EXECUTION_PROVIDER: [z.enum(PROVIDERS).default('cpu'), '`cpu` or `cuda`'],
  PATCH_FEATURES: [z.enum(FEATURES_FORMS).default('fp16'), `one of ${FEATURES_FORMS.join(', ')}`],
  SAMPLES: [z.enum(['on', 'off']).default('on'), '`on` or `off`'],
  ROLE: [z.enum(ROLES).default('all'), '`all`, `api` or `worker`'],
  FFMPEG_PATH: [z.string().default('ffmpeg'), 'the path of ffmpeg'],
  FFPROBE_PATH: [z.string().default('ffprobe'), 'the path of ffprobe'],
  MAX_FILE_SIZE: [byteCount.default(50 * 1024 ** 3), 'a number of bytes, or like `500M` or `50G`'],
  URL_HOSTS: [
    hostList.default(['*']),
    'a list like `example.com,media.lan:8080`, or `*` for any public host; without http:// and paths',
  ],
  YTDLP_PATH: [z.string().optional(), 'the path of yt-dlp'],
  YTDLP_HOSTS: [hostList.default(VIDEO_SITES.split(',')), 'a list of hosts like `youtube.com,vimeo.com`'],
  HF_HOME: [z.string().optional(), 'the folder that holds the hub’s cache `hub/` and `token`'],
  HF_HUB_CACHE: [z.string().optional(), 'the folder of the hub’s cache'],
  HF_ENDPOINT: [
    z
      .url({ protocol: /^https?$/ })
      .regex(/^[^@]+$/)
      .default('https://huggingface.co'),
    'the address of the hub or of a mirror, http:// or https://, without a user',
  ],
  HF_TOKEN: [hubToken.optional(), 'a token of the hub, visible ASCII characters without spaces'],
  HF_TOKEN_PATH: [z.string().optional(), 'the file that holds a token of the hub'],
  HF_HUB_OFFLINE: [
    z
      .string()
      .transform((value) => /^(1|true|yes|on)$/i.test(value))
      .default(false),
    '`1` or `0`',
  ],
  HTTPS_PROXY: [proxy.default(''), PROXY],
  HTTP_PROXY: [proxy.default(''), PROXY],
  NO_PROXY: [z.string().default(''), 'a list of hosts to reach without the proxy'],
  XDG_CACHE_HOME: [z.string().optional(), 'the folder of your caches'],
  LOG_LEVEL: [z.enum(LOG_LEVELS).default('warn'), `one of ${LOG_LEVELS.join(', ')}`],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Name = keyof typeof SETTINGS;
type Values = { [K in Name]: z.output<(typeof SETTINGS)[K][0]> };

function parse(environment: Record<string, string | undefined>): Values {
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
  return values as Values;
}

/** A program that is run in another folder than ours: a path holds there too, a name is looked up in PATH. */
function programPath(given: string): string {
  return given.includes(sep) ? resolve(given) : given;
}

/** As the hub's own tools read them (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables). */
function hubSettings(env: Values): Settings['hub'] {
  const home = env.HF_HOME ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');
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
    mediaDirs: env.MEDIA_DIRS,
    sampling: env.SAMPLING ?? null,
    precision: env.PRECISION,
    provider: env.EXECUTION_PROVIDER,
    patchFeatures: env.PATCH_FEATURES,
    samples: env.SAMPLES === 'on',
    role: env.ROLE,
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

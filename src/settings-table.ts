import { delimiter } from 'node:path';
import { z } from 'zod';
import {
  accessToken,
  byteCount,
  folders,
  hostList,
  hubToken,
  originList,
  port,
  proxy,
  publicOrigin,
  trustedProxies,
} from './setting-types.ts';

const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;
const SAMPLINGS = ['UNIFORM', 'WINDOW'] as const;
const PROVIDERS = ['cpu', 'cuda'] as const;
const FEATURES_FORMS = ['fp32', 'fp16', 'int8', 'none'] as const;
const ROLES = ['all', 'api', 'worker'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Sites whose pages show one video each. */
const VIDEO_SITES = 'youtube.com,youtu.be,youtube-nocookie.com,vimeo.com,dailymotion.com,dai.ly,twitch.tv';

/** What a token of ours is. */
export const TOKEN = 'at least 16 visible ASCII characters without spaces';

const PROXY = 'the address of a proxy, http://host:port, for what comes from the hub';

/** What each setting may be; the text is what a user reads when it is not. */
export const SETTINGS = {
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
  ADMIN_TOKEN: [accessToken.optional(), TOKEN],
  READ_TOKEN: [accessToken.optional(), TOKEN],
  ALLOWED_ORIGINS: [
    originList.default([]),
    'a list like `https://app.example.com,http://localhost:5173`, without paths and slashes at the end, or `*` for any',
  ],
  PUBLIC_URL: [
    publicOrigin.optional(),
    'the address people reach the server at, like `https://videos.example.com`, without a path',
  ],
  TRUST_PROXY: [
    trustedProxies.optional(),
    'how many proxies stand before the server (`1`), or a list of their addresses and subnets like ' +
      '`loopback,10.0.0.0/8`; not all of them: anyone could then forge the host asked for',
  ],
  MEDIA_DIRS: [folders.default([]), `absolute paths of existing folders, separated by "${delimiter}"`],
  PRECISION: [z.enum(PRECISIONS).default('fp32'), '`fp32`, `int8` (CPU) or `fp16` (CUDA)'],
  SAMPLING: [z.enum(SAMPLINGS).optional(), '`UNIFORM` or `WINDOW`'],
  EXECUTION_PROVIDER: [z.enum(PROVIDERS).default('cpu'), '`cpu` or `cuda`'],
  PATCH_FEATURES: [z.enum(FEATURES_FORMS).default('fp16'), `one of ${FEATURES_FORMS.join(', ')}`],
  SAMPLES: [z.enum(['on', 'off']).default('on'), '`on` or `off`'],
  CLIPQL_URL: [
    z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:4000'),
    'the address of a server, http:// or https://',
  ],
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

/** The settings by their names, checked one by one. */
export type SettingValues = { [K in Name]: z.output<(typeof SETTINGS)[K][0]> };

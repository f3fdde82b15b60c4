import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isLoopback, readSettings } from '#src/config.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-config-')));
afterAll(() => rmSync(folder, { recursive: true }));

describe('readSettings', () => {
  test('has defaults for everything', () => {
    expect(readSettings({ HOME: '/home/someone' })).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      loopback: true,
      dataDir: resolve('data'),
      databaseUrl: undefined,
      model: 'auto',
      adminToken: undefined,
      mediaDirs: [],
      precision: 'fp32',
      provider: 'cpu',
      patchFeatures: 'fp16',
      samples: true,
      ffmpeg: 'ffmpeg',
      ffprobe: 'ffprobe',
      downloads: { maxBytes: 50 * 1024 ** 3, hosts: ['*'], ytdlp: null },
    });
  });

  test('takes an empty value for none', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '', ADMIN_TOKEN: '' })).toEqual(readSettings({}));
  });

  test('names every bad setting at once, with what is allowed', () => {
    const bad = {
      PORT: '70000',
      SAMPLES: 'maybe',
      PRECISION: 'half',
      EXECUTION_PROVIDER: 'gpu',
      PATCH_FEATURES: 'fp8',
      ADMIN_TOKEN: 'short',
      DATABASE_URL: 'mysql://localhost/x',
      MEDIA_DIRS: join(folder, 'missing'),
      MAX_FILE_SIZE: '50 GB',
      URL_HOSTS: 'https://example.com',
      YTDLP_HOSTS: 'example.com/videos',
    };
    const message = (() => {
      try {
        readSettings(bad);
      } catch (error) {
        return (error as Error).message;
      }
    })();
    for (const name of Object.keys(bad)) expect(message).toMatch(new RegExp(`^ {2}${name}: must be .+`, 'm'));
    expect(message).toContain('0 to 65535');
  });

  test('reads what may be fetched from URLs', () => {
    const { downloads } = readSettings({
      MAX_FILE_SIZE: '500M',
      URL_HOSTS: 'example.com, media.lan:8080,192.168.1.5:80,[fd00::1]:443,bücher.example',
      YTDLP_PATH: '/opt/yt-dlp',
      YTDLP_HOSTS: 'vimeo.com',
    });
    expect(downloads).toEqual({
      maxBytes: 524_288_000,
      hosts: ['example.com', 'media.lan:8080', '192.168.1.5:80', '[fd00::1]:443', 'bücher.example'],
      ytdlp: { path: '/opt/yt-dlp', hosts: ['vimeo.com'] },
    });
    const onPath = readSettings({ YTDLP_PATH: 'yt-dlp' }).downloads.ytdlp;
    expect(onPath).toMatchObject({ path: 'yt-dlp', hosts: expect.arrayContaining(['youtube.com']) });
    expect(readSettings({ YTDLP_PATH: './yt-dlp' }).downloads.ytdlp?.path).toBe(resolve('yt-dlp'));
    expect(readSettings({ MAX_FILE_SIZE: '1234' }).downloads.maxBytes).toBe(1234);
    for (const MAX_FILE_SIZE of ['0', '-1', '1.5G', '99999999999T'])
      expect(() => readSettings({ MAX_FILE_SIZE })).toThrow('MAX_FILE_SIZE: must be');
    for (const URL_HOSTS of [
      'a b',
      'user@example.com',
      'example.com:99999',
      '*.example.com',
      'fd00::1',
      'a,,b',
      '*:80',
    ])
      expect(() => readSettings({ URL_HOSTS })).toThrow('URL_HOSTS: must be');
  });

  test('does not repeat a secret', () => {
    expect(() => readSettings({ ADMIN_TOKEN: 'with space 123456789' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('with space') }),
    );
  });

  test('needs a token of one’s own where other machines can ask', () => {
    expect(() => readSettings({ HOST: '0.0.0.0' })).toThrow(/ADMIN_TOKEN: must be set/);
    expect(readSettings({ HOST: '0.0.0.0', ADMIN_TOKEN: 'a-token-of-16-chars' }).loopback).toBe(false);
  });

  test('refuses a precision that what computes has not, and says why', () => {
    expect(() => readSettings({ PRECISION: 'fp16' })).toThrow(
      /PRECISION: fp16 needs EXECUTION_PROVIDER=cuda/,
    );
    const both = { PRECISION: 'int8', EXECUTION_PROVIDER: 'cuda' };
    expect(() => readSettings(both)).toThrow(/PRECISION: int8 needs EXECUTION_PROVIDER=cpu/);
    expect(readSettings({ PRECISION: 'int8' }).precision).toBe('int8');
  });

  test('media folders are real paths', () => {
    mkdirSync(join(folder, 'videos'));
    symlinkSync(join(folder, 'videos'), join(folder, 'link'));
    writeFileSync(join(folder, 'file'), '');
    const setting = `${join(folder, 'link')}:${folder}`;
    expect(readSettings({ MEDIA_DIRS: setting }).mediaDirs).toEqual([join(folder, 'videos'), folder]);
    expect(() => readSettings({ MEDIA_DIRS: join(folder, 'file') })).toThrow(/MEDIA_DIRS/);
    expect(() => readSettings({ MEDIA_DIRS: 'relative' })).toThrow(/MEDIA_DIRS/);
  });

  test('finds the hub’s cache as the hub’s own tools do', () => {
    const cache = (environment: Record<string, string>) => readSettings(environment).hub.cache;
    expect(cache({ HF_HOME: '/somewhere' })).toBe('/somewhere/hub');
    expect(cache({ HF_HOME: '/somewhere', HF_HUB_CACHE: '/else' })).toBe('/else');
    expect(cache({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/huggingface/hub');
  });

  test('knows the hub by the settings of the hub’s own tools', () => {
    expect(readSettings({ HF_HOME: folder }).hub).toEqual({
      cache: join(folder, 'hub'),
      endpoint: 'https://huggingface.co',
      token: null,
      offline: false,
      proxies: null,
    });
    const mirror = { HF_ENDPOINT: 'http://mirror.example/hub/', HF_HUB_OFFLINE: 'YES', HF_TOKEN: ' hf_x\n' };
    expect(readSettings(mirror).hub).toMatchObject({
      endpoint: 'http://mirror.example/hub',
      token: 'hf_x',
      offline: true,
    });
    writeFileSync(join(folder, 'token'), 'hf_file\n');
    expect(readSettings({ HF_HOME: folder }).hub.token).toBe('hf_file');
    expect(readSettings({ HF_HOME: folder, HF_TOKEN: 'hf_set' }).hub.token).toBe('hf_set');
    expect(readSettings({ HF_TOKEN_PATH: join(folder, 'token') }).hub.token).toBe('hf_file');
    for (const HF_ENDPOINT of [
      'mirror.example',
      'https://user:secret@mirror.example',
      'ftp://mirror.example',
    ])
      expect(() => readSettings({ HF_ENDPOINT })).toThrow('HF_ENDPOINT: must be');
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['[::1]', true],
  ['0.0.0.0', false],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
  ['example.com', false],
  ['', false],
])('isLoopback(%j) is %j', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

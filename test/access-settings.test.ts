import { describe, expect, test } from 'vitest';
import { readSettings } from '#src/config.js';

const TOKEN = 'a-token-of-16-chars';

test('by default reading is open, and nothing but the server itself is trusted', () => {
  const { readToken, allowedOrigins, publicUrl, trustProxy } = readSettings({});
  expect({ readToken, allowedOrigins, publicUrl, trustProxy }).toEqual({
    ...{ readToken: undefined, allowedOrigins: [], publicUrl: null, trustProxy: null },
  });
});

describe('READ_TOKEN', () => {
  test('is a token', () => {
    expect(readSettings({ READ_TOKEN: TOKEN }).readToken).toBe(TOKEN);
    for (const READ_TOKEN of ['short', 'with a space in between', 'ümläüt-ümläüt-ümläüt'])
      expect(() => readSettings({ READ_TOKEN })).toThrow(/READ_TOKEN: must be at least 16/);
  });

  test('is another one than the admin token', () => {
    expect(() => readSettings({ READ_TOKEN: TOKEN, ADMIN_TOKEN: TOKEN })).toThrow(
      /READ_TOKEN: must be another one than ADMIN_TOKEN/,
    );
  });
});

describe('ALLOWED_ORIGINS', () => {
  test('are origins as browsers write them', () => {
    const list = 'https://App.example.com, http://localhost:5173,https://x.example:443,http://[::1]:80';
    expect(readSettings({ ALLOWED_ORIGINS: list }).allowedOrigins).toEqual([
      ...['https://app.example.com', 'http://localhost:5173', 'https://x.example', 'http://[::1]'],
    ]);
    expect(readSettings({ ALLOWED_ORIGINS: '*' }).allowedOrigins).toEqual(['*']);
  });

  test.each([
    'example.com',
    'null',
    'ftp://example.com',
    'https://example.com/',
    'https://example.com/app',
    'https://example.com?x',
    'https://example.com#x',
    'https://user@example.com',
    'https://*.example.com',
    'https://example.com:99999',
    'https://example.com x',
    'https://example.com,',
    'https://example.com;https://other.example',
    'https://1.2.3.999',
    'https://',
  ])('%j is refused, also beside good ones', (bad) => {
    for (const ALLOWED_ORIGINS of [bad, `https://good.example,${bad}`])
      expect(() => readSettings({ ALLOWED_ORIGINS })).toThrow(/ALLOWED_ORIGINS: must be a list like/);
  });
});

describe('PUBLIC_URL', () => {
  test.each([
    ['https://videos.example.com', 'https://videos.example.com'],
    ['https://Videos.example.com/', 'https://videos.example.com'],
    ['http://videos.lan:8080', 'http://videos.lan:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s', (PUBLIC_URL, origin) => {
    expect(readSettings({ PUBLIC_URL }).publicUrl).toBe(origin);
  });

  test.each([
    'videos.example.com',
    'https://example.com/clipql',
    'https://example.com//',
    'https://example.com?x',
    'https://user:secret@example.com',
    'ws://example.com',
    '*',
  ])('%s is refused', (PUBLIC_URL) => {
    expect(() => readSettings({ PUBLIC_URL })).toThrow(/PUBLIC_URL: must be the address/);
  });
});

describe('TRUST_PROXY', () => {
  test('is a number of proxies, or addresses', () => {
    const trusted = (TRUST_PROXY: string) => readSettings({ TRUST_PROXY }).trustProxy;
    expect(trusted('1')).toBe(1);
    expect(trusted('loopback')).toEqual(['loopback']);
    expect(trusted('10.0.0.0/8, 192.168.1.5,fd00::/8,uniquelocal')).toEqual([
      ...['10.0.0.0/8', '192.168.1.5', 'fd00::/8', 'uniquelocal'],
    ]);
  });

  test.each([
    'true',
    'all',
    '*',
    '0',
    '-1',
    '1.5',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    'a.b',
    ',',
  ])('%s is refused', (TRUST_PROXY) => {
    expect(() => readSettings({ TRUST_PROXY })).toThrow(/TRUST_PROXY: must be .*anyone could/);
  });
});

import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublicAddress } from '#src/media/download/public-address.js';

/** The registries of special addresses (RFC 6890 and after) and multicast, checked by Node's own arithmetic. */
const SPECIAL = new BlockList();
for (const range of [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
  ],
  ...[
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
  ],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]) {
  const [net, bits] = range.split('/') as [string, string];
  SPECIAL.addSubnet(net, Number(bits), 'ipv4');
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** Any address, and often one at an edge of the ranges. */
const ipv4 = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc
    .tuple(
      fc.constantFrom(
        ...[
          0x0000_0000, 0x0100_0000, 0x0a00_0000, 0x0b00_0000, 0x6440_0000, 0x6480_0000, 0x7f00_0000,
          0x8000_0000,
        ],
        ...[
          0xa9fe_0000, 0xa9ff_0000, 0xac10_0000, 0xac20_0000, 0xc000_0000, 0xc000_0100, 0xc000_0200,
          0xc000_0300,
        ],
        ...[
          0xc0a8_0000, 0xc0a9_0000, 0xc612_0000, 0xc614_0000, 0xc633_6400, 0xcb00_7100, 0xe000_0000,
          0xf000_0000,
        ],
      ),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([edge, step]) => (edge + step) >>> 0),
);

test('an IPv4 address is public unless it is in a register of special ones', () => {
  fc.assert(
    fc.property(ipv4, (address) => {
      expect(isPublicAddress(dotted(address))).toBe(!SPECIAL.check(dotted(address)));
    }),
    { numRuns: 5000 },
  );
});

test('an IPv6 address that carries an IPv4 address is as public as that, or not at all', () => {
  fc.assert(
    fc.property(ipv4, (address) => {
      const [high, low] = [(address >>> 16).toString(16), (address & 0xffff).toString(16)];
      const isPublic = !SPECIAL.check(dotted(address));
      expect(isPublicAddress(`::ffff:${dotted(address)}`)).toBe(isPublic);
      expect(isPublicAddress(`::ffff:${high}:${low}`)).toBe(isPublic);
      for (const prefix of ['64:ff9b::', '64:ff9b:1::', '::ffff:0:']) {
        expect(isPublicAddress(`${prefix}${high}:${low}`)).toBe(false);
      }
      expect(isPublicAddress(`2002:${high}:${low}::1`)).toBe(false);
      expect(isPublicAddress(`::${dotted(address)}`) && !isPublic).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('only global unicast of IPv6 is public', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }), (parts) => {
      const first = parts[0] as number;
      const mapped = parts.slice(0, 6).join() === '0,0,0,0,0,65535';
      if ((first < 0x2000 || first > 0x3fff) && !mapped) {
        expect(isPublicAddress(parts.map((part) => part.toString(16)).join(':'))).toBe(false);
      }
    }),
  );
  expect(isPublicAddress('2606:4700:4700::1111')).toBe(true);
  expect(isPublicAddress('2a00:1450:4001:800::200e')).toBe(true);
  for (const none of ['', 'localhost', '1.2.3', '8.8.8.8:80', '[2606:4700::1]', '8.8.8.8/32'])
    expect(isPublicAddress(none)).toBe(false);
});

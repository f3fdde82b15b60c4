import { deflateSync, gzipSync } from 'node:zlib';

/** The same numbers for the same seed, 0 to 1 (mulberry32). */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cut off at many points, of the header and of the rest. */
export function truncations(bytes) {
  return [
    8,
    40,
    500,
    ...[0.2, 0.5, 0.8, 0.95].map((share) => Math.floor(bytes.length * share)),
    bytes.length - 1,
  ]
    .filter((length) => length < bytes.length)
    .map((length) => ({ how: `cut-at-${length}`, bytes: bytes.subarray(0, length) }));
}

/** Flipped bits: in the header alone, few, many; and bytes that were moved or lost. */
export function flips(bytes, random) {
  const at = (length) => Math.floor(random() * length);
  const flipped = (count, within) => {
    const copy = Buffer.from(bytes);
    for (let i = 0; i < count; i++) copy[at(Math.min(within, copy.length))] ^= 1 << at(8);
    return copy;
  };
  const hole = at(bytes.length);
  return [
    { how: 'header-3-bits', bytes: flipped(3, 600) },
    { how: 'header-40-bits', bytes: flipped(40, 1000) },
    { how: '5-bits', bytes: flipped(5, bytes.length) },
    { how: 'every-100th-byte', bytes: flipped(bytes.length / 100, bytes.length) },
    { how: 'bytes-lost', bytes: Buffer.concat([bytes.subarray(0, hole), bytes.subarray(hole + 37)]) },
    { how: 'zeros-within', bytes: Buffer.from(bytes).fill(0, hole, Math.min(hole + 2000, bytes.length)) },
    { how: 'rubbish-after', bytes: Buffer.concat([bytes, Buffer.from(bytes).reverse()]) },
  ];
}

/** Fields of an MP4's boxes, counted in bytes from their name on. */
const FIELDS = [
  ...['mvhd', 'mdhd'].flatMap((box) => [12, 16, 20].map((at) => [box, at])), // time, scale, duration
  ...['tkhd', 'elst'].flatMap((box) => [12, 16, 20, 24].map((at) => [box, at])),
  ...[80, 84].map((at) => ['tkhd', at]), // width and height
  ...['stsz', 'stts', 'stsc', 'stco', 'stss'].flatMap((box) => [8, 12, 16].map((at) => [box, at])),
  ...['moov', 'trak', 'mdia', 'stbl', 'stsd', 'mdat'].map((box) => [box, -4]), // length of the box
  ...[4, 8].map((at) => ['avcC', at]),
];

/** Headers that lie: each field says nothing, the most there is, or anything. */
export function lies(bytes, random) {
  return FIELDS.flatMap(([box, at], n) => {
    const place = bytes.indexOf(box) + at;
    if (place < Math.max(0, at) || place + 4 > bytes.length) return [];
    const value = [0, 0x7fffffff, 0xffffffff, Math.floor(random() * 2 ** 32)][n % 4];
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(value, place);
    return [{ how: `${box}${at < 0 ? '' : '+'}${at}-is-${value}`, bytes: copy }];
  });
}

/** The size in an MP4's sample description, as the decoder is told it. */
export function mp4OfSize(bytes, width, height) {
  const copy = Buffer.from(bytes);
  const place = copy.indexOf('avc1') + 28;
  copy.writeUInt16BE(width, place);
  copy.writeUInt16BE(height, place + 2);
  return copy;
}

/** A GIF whose screen is of this size. */
export function gifOfSize(bytes, width, height) {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(width, 6);
  copy.writeUInt16LE(height, 8);
  return copy;
}

/** What is no video whatever it is called: rubbish, pages, playlists in all their forms, archives that unpack to much. */
export const OTHER_CONTENT = {
  'empty.mp4': '',
  'one-byte.mp4': '\0',
  'zeros.mp4': Buffer.alloc(1_000_000),
  'zeros.mkv': Buffer.concat([Buffer.from('1a45dfa3', 'hex'), Buffer.alloc(100_000)]),
  'only-ftyp.mp4': Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom', 'latin1'),
  'text.mp4': 'This is not a video.\n'.repeat(100),
  'page.mp4': '<!doctype html><title>404</title><video src="file:///etc/passwd"></video>',
  'drawing.mp4':
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>',
  'script.mp4': '#!/bin/sh\nrm -rf /\n',
  'hls.mp4': '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfaststart.mp4\n#EXT-X-ENDLIST\n',
  'hls-of-a-file.ts': '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
  'hls-of-a-server.mkv':
    '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n',
  'concat.mp4': "ffconcat version 1.0\nfile 'faststart.mp4'\n",
  'dash.mp4':
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><BaseURL>faststart.mp4</BaseURL></MPD>',
  'session.mp4':
    'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
  'asx.wmv': '<asx version="3.0"><entry><ref href="file:///etc/passwd"/></entry></asx>',
  'subtitles.mkv': '1\n00:00:00,000 --> 00:00:01,000\nHello\n',
  'filters.mp4': '[Script Info]\nmovie=faststart.mp4\n',
  'archive.mp4': Buffer.from('504b0304140000000800', 'hex'),
  'bomb.mp4': gzipSync(Buffer.alloc(10_000_000)),
  'deflated.avi': deflateSync(Buffer.alloc(10_000_000)),
  'document.mp4': '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n',
  'program.mp4': Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(5000, 1)]),
};

/** Names for a file that holds a video. */
export const NAMES = [
  'line\nbreak.mp4',
  'tab\tand\rreturn.mp4',
  'größe 映画 🎬 ńáme.mp4',
  '-i.mp4',
  '-y -f null.mp4',
  'concat:a|b.mp4',
  'http:--example.com.mp4',
  '%03d.mp4',
  'a\' b" c`d`.mp4',
  '$(touch x);&|.mp4',
  '\u202efdp.4pm.mp4',
  'no extension',
  '.hidden.mp4',
  'pipe:0',
  'x'.repeat(250),
  'back\\slash:colon*.mp4',
];

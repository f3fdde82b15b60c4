import { open } from 'node:fs/promises';

const OTHER = 'application/octet-stream';

/** Containers by how their files begin: offset and bytes. */
const SIGNATURES: { at: number; bytes: string; type: string }[] = [
  { at: 4, bytes: 'ftypqt  ', type: 'video/quicktime' },
  { at: 4, bytes: 'ftyp', type: 'video/mp4' },
  { at: 4, bytes: 'moov', type: 'video/quicktime' },
  { at: 4, bytes: 'mdat', type: 'video/quicktime' },
  { at: 8, bytes: 'AVI ', type: 'video/x-msvideo' },
  { at: 0, bytes: 'OggS', type: 'video/ogg' },
  { at: 0, bytes: 'FLV\x01', type: 'video/x-flv' },
  { at: 0, bytes: 'GIF8', type: 'image/gif' },
  { at: 0, bytes: '\x00\x00\x01\xba', type: 'video/mpeg' },
];

/**
 * The content type of a video file by its first bytes: names are not trusted, and uploads have none. Only video types
 * and octets are ever answered, so that nothing runs as a page.
 */
export async function mediaType(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (!file) return OTHER;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.toString('latin1', 0, bytesRead);
    // Matroska and WebM share a signature; the document type follows within its header.
    if (head.startsWith('\x1aE\xdf\xa3')) return head.includes('webm') ? 'video/webm' : 'video/x-matroska';
    if (head[0] === 'G' && head[188] === 'G') return 'video/mp2t';
    return SIGNATURES.find(({ at, bytes }) => head.startsWith(bytes, at))?.type ?? OTHER;
  } finally {
    await file.close();
  }
}

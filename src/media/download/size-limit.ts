import { dirname } from 'node:path';
import { ClipqlError } from '../../errors.ts';
import { freeRoom } from '../free-room.ts';

/** How large the file `to`, of which `there` bytes are written, may become: `checkSize` throws `MEDIA_LIMIT` or `DISK_FULL`. */
export async function sizeLimit(
  maxBytes: number,
  to: string,
  there: number,
): Promise<{ checkSize(bytes: number): void }> {
  const room = there + (await freeRoom(dirname(to)));
  return {
    checkSize(bytes) {
      if (bytes > maxBytes) {
        throw new ClipqlError(
          'MEDIA_LIMIT',
          `The file is larger than ${maxBytes.toLocaleString('en')} bytes, the most the server takes (MAX_FILE_SIZE).`,
        );
      }
      if (bytes > room) {
        throw new ClipqlError(
          'DISK_FULL',
          'The disk has no room for this file. Free some space and try again.',
        );
      }
    },
  };
}

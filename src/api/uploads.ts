import { statfs } from 'node:fs/promises';
import { basename } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';
import { ClipqlError } from '../errors.ts';
import type { Uploads } from '../store/uploads.ts';
import { carriesToken, TOKEN_NEEDED } from './auth.ts';
import { methodNotAllowed, sendError } from './errors.ts';

/** Bytes of one upload. */
const MAX_UPLOAD = 50 * 1024 ** 3;
/** Bytes an upload leaves free on the disk, for the database and what is made of the video. */
const KEEP_FREE = 1024 ** 3;

/** Characters of a file's name. */
const MAX_NAME = 255;

/** What may be sent now: the limit, or what the disk has room for. */
async function uploadLimit(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.max(1, Math.min(MAX_UPLOAD, bavail * bsize - KEEP_FREE));
}

/** A file's name as it can be kept and shown: the last part of a path, on one line, never empty. */
function fileName(given: string | null | undefined): string {
  const name = basename(given ?? '').replace(/[\p{Cc}\p{Cs}]/gu, '');
  return name.slice(0, MAX_NAME) || 'upload';
}

/** Resumable uploads by the tus protocol at `/uploads`, for holders of the admin token. */
export function uploadRoutes(uploads: Uploads, token: string, log: Logger): Router {
  const tus = new Server({
    path: '/uploads',
    relativeLocation: true,
    datastore: new FileStore({ directory: uploads.folder }), // its own expiry deletes finished uploads; the store sweeps
    maxSize: () => uploadLimit(uploads.folder),
    allowedOrigins: () => false,
    disableTerminationForFinishedUploads: true,
    onUploadCreate: async (_request, { metadata }) => ({
      metadata: { filename: fileName(metadata?.filename) },
    }),
    // After this the library answers 404 for the upload: HEAD below speaks for finished ones.
    onUploadFinish: async (_request, { id, size, metadata }) => {
      await uploads.finish(id, { name: fileName(metadata?.filename), size: size ?? 0 });
      return {};
    },
    onResponseError: (_request, error) => {
      if ('status_code' in error) return undefined;
      log.error({ err: error }, 'an upload failed');
      return { status_code: 500, body: 'Something went wrong on the server. Its log says what.\n' };
    },
  });

  const router = Router();
  router.all('/uploads{/*path}', needToken(token), (request, response, next) => {
    // The library's own GET ends the process by an uncaught error (@tus/server 2.4.5).
    if (request.method === 'GET') methodNotAllowed(response, 'POST, HEAD, PATCH, DELETE, OPTIONS');
    else next();
  });
  router.head('/uploads/:id', async (request, response, next) => {
    const upload = await uploads.find(request.params.id);
    if (!upload?.complete) return next();
    response.set({ 'Tus-Resumable': '1.0.0', 'Cache-Control': 'no-store' });
    response.set({ 'Upload-Offset': `${upload.size}`, 'Upload-Length': `${upload.size}` }).end();
  });
  router.all('/uploads{/*path}', (request, response) => tus.handle(request, response));
  return router;
}

function needToken(token: string): RequestHandler {
  return (request, response, next) => {
    if (carriesToken(request.headers.authorization, token)) next();
    else sendError(response, new ClipqlError('UNAUTHENTICATED', TOKEN_NEEDED));
  };
}

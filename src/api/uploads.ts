import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { Router } from 'express';
import type { Logger } from 'pino';
import { fileName } from '../media/file-name.ts';
import { freeRoom } from '../media/free-room.ts';
import type { Uploads } from '../store/uploads.ts';
import { type Access, adminsOnly } from './auth.ts';
import { methodNotAllowed } from './errors.ts';

/** Of a file that is sent without a name. */
const DEFAULT_NAME = 'upload';

/** Resumable uploads of up to `maxBytes` by the tus protocol at `/uploads`, for holders of the admin token. */
export function uploadRoutes(uploads: Uploads, access: Access, maxBytes: number, log: Logger): Router {
  const tus = new Server({
    path: '/uploads',
    relativeLocation: true,
    datastore: new FileStore({ directory: uploads.folder }), // its own expiry deletes finished uploads; the store sweeps
    maxSize: async () => Math.max(1, Math.min(maxBytes, await freeRoom(uploads.folder))), // 0 would be no limit
    allowedOrigins: () => false, // what stands before it speaks CORS
    disableTerminationForFinishedUploads: true,
    onUploadCreate: async (_request, { metadata }) => ({
      metadata: { filename: fileName(metadata?.filename, DEFAULT_NAME) },
    }),
    // After this the library answers 404 for the upload: HEAD below speaks for finished ones.
    onUploadFinish: async (_request, { id, size, metadata }) => {
      await uploads.finish(id, { name: fileName(metadata?.filename, DEFAULT_NAME), size: size ?? 0 });
      return {};
    },
    onResponseError: (_request, error) => {
      if ('status_code' in error) return undefined;
      log.error({ err: error }, 'an upload failed');
      return { status_code: 500, body: 'Something went wrong on the server. Its log says what.\n' };
    },
  });

  const router = Router();
  router.all('/uploads{/*path}', adminsOnly(access), (request, response, next) => {
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

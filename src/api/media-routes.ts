import { type RequestHandler, type Response, Router } from 'express';
import { ClipqlError, noVideo } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Video } from '../store/types.ts';
import type { Access } from './auth.ts';
import { sendError } from './errors.ts';
import { mediaType } from './media-type.ts';

const gone = () =>
  new ClipqlError(
    'SOURCE_GONE',
    'The file of this video is gone, or is no longer the one that was ingested.',
  );

/** Answers with a file, whole or in ranges, with ETag and Last-Modified; with `missing` when it cannot be read. */
function sendFile(response: Response, path: string, missing: ClipqlError): void {
  response.sendFile(path, { dotfiles: 'allow', cacheControl: false }, (error) => {
    if (!error || response.headersSent) return; // or the client has gone
    const { status } = error as { status?: number };
    if (status === 404) sendError(response, missing);
    else response.status(status ?? 500).end(); // 416: a range past the end
  });
}

/** Lets in who may read, and whoever has a URL that was signed and has not expired. */
function readersOrSigned({ mayRead, signer }: Access): RequestHandler {
  return ({ headers, baseUrl, path, query }, response, next) => {
    if (mayRead(headers.authorization)) return next();
    const worth = signer?.check(baseUrl + path, query);
    if (worth === 'good') return next();
    const message =
      worth === 'expired'
        ? 'This URL has expired. Ask the API for a new one.'
        : 'This needs a signed URL, as the API gives it (`mediaUrl`, `posterUrl`, `sheetUrl`), or the header "Authorization: Bearer <token>" with the read token or the admin token.';
    sendError(response, new ClipqlError('UNAUTHENTICATED', message));
  };
}

/** What belongs to a video: `/videos/:id/media`, `/videos/:id/poster.webp`, `/videos/:id/sheet.webp?clip=K`. */
export function mediaRoutes({ videos, pictures }: Store, access: Access): Router {
  const router = Router();
  router.use('/videos', readersOrSigned(access));

  const video = async (id: string): Promise<Video> => {
    const found = await videos.get(id);
    if (!found) throw noVideo();
    return found;
  };

  router.get('/videos/:id/media', async (request, response) => {
    const found = await video(request.params.id);
    const path = await videos.sourcePath(found);
    if (path === null) throw gone();
    response.set({
      'Content-Type': await mediaType(path),
      'Content-Disposition': 'inline',
      'Cache-Control': 'private, no-cache', // revalidated: a path's file may change
    });
    sendFile(response, path, gone());
  });

  router.get('/videos/:id/poster.webp', async (request, response) => {
    const { id } = await video(request.params.id);
    sendPicture(response, pictures.poster(id), 'This video has no poster yet.');
  });

  router.get('/videos/:id/sheet.webp', async (request, response) => {
    const found = await video(request.params.id);
    const { clip } = request.query;
    if (clip !== undefined && !(typeof clip === 'string' && /^\d{1,6}$/.test(clip))) {
      throw new ClipqlError(
        'BAD_USER_INPUT',
        '`clip` must be the index of one of the video’s clips, from 0.',
      );
    }
    const path = pictures.sheet(found, clip === undefined ? undefined : Number(clip));
    sendPicture(response, path, 'This video has no such contact sheet, or not yet.');
  });

  return router;
}

function sendPicture(response: Response, path: string, missing: string): void {
  response.set('Cache-Control', 'private, no-cache');
  sendFile(response, path, new ClipqlError('NOT_FOUND', missing));
}

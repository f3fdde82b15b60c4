import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Everything from this server, no frames. */
const policy = (publicUrl: string | null) => {
  // URLs of pictures and videos are below PUBLIC_URL, under whatever name the page was opened.
  const media = publicUrl === null ? ["'self'"] : ["'self'", publicUrl];
  return {
    'default-src': ["'self'"],
    'img-src': [...media, 'data:'],
    'media-src': media,
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
};

/** Headers for all answers. */
export const securityHeaders = (publicUrl: string | null): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false, // they upgrade to HTTPS, which a plain server does not speak
      directives: policy(publicUrl),
    },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });

/** The policy of GraphiQL's page, whose editor makes styles and has a font in one of them. */
export const graphiqlPolicy = (publicUrl: string | null): RequestHandler =>
  helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      ...policy(publicUrl),
      'style-src': ["'self'", "'unsafe-inline'"],
      'font-src': ["'self'", 'data:'],
    },
  });

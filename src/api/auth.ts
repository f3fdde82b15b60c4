import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { HeaderMap } from '@apollo/server';
import type { RequestHandler } from 'express';
import { GraphQLError } from 'graphql';
import { ClipqlError } from '../errors.ts';
import type { Context } from './context.ts';
import { BEARER, sendError } from './errors.ts';
import { createUrlSigner, type UrlSigner } from './signed-urls.ts';

/** Who may do what, by the `Authorization` header of a request. */
export interface Access {
  /** Whether it carries the read token or the admin token; always, when there is no read token. */
  mayRead(authorization: string | null | undefined): boolean;
  isAdmin(authorization: string | null | undefined): boolean;
  /** Signs the URLs of pictures and videos, whose readers send no header; null: reading is open. */
  signer: UrlSigner | null;
}

const ADMIN_TOKEN_NEEDED =
  'This needs the admin token: send the header "Authorization: Bearer <token>". The server says at its start where the token is.';
const READ_TOKEN_NEEDED =
  'This needs the read token or the admin token: send the header "Authorization: Bearer <token>". The read token is the server’s setting READ_TOKEN.';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header carries the token; takes as long for a wrong one as for the right one. */
function carriesToken(authorization: string | null | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** @param readToken undefined: reading is open */
export function createAccess(adminToken: string, readToken: string | undefined): Access {
  const isAdmin: Access['isAdmin'] = (authorization) => carriesToken(authorization, adminToken);
  if (readToken === undefined) return { mayRead: () => true, isAdmin, signer: null };
  return {
    mayRead: (authorization) => carriesToken(authorization, readToken) || isAdmin(authorization),
    isAdmin,
    signer: createUrlSigner(readToken),
  };
}

/** Lets in who may read; answers 401 to others. */
export const readersOnly = ({ mayRead }: Access): RequestHandler => only(mayRead, READ_TOKEN_NEEDED);

/** Lets in who has the admin token; answers 401 to others. */
export const adminsOnly = ({ isAdmin }: Access): RequestHandler => only(isAdmin, ADMIN_TOKEN_NEEDED);

function only(may: Access['mayRead'], refusal: string): RequestHandler {
  return ({ headers }, response, next) => {
    if (may(headers.authorization)) next();
    else sendError(response, new ClipqlError('UNAUTHENTICATED', refusal));
  };
}

/** Refuses every mutation without the admin token, before anything of it is resolved. */
export const mutationsNeedToken: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue }) => {
      if (operation?.operation !== 'mutation' || contextValue.admin) return;
      const headers = new HeaderMap(Object.entries(BEARER));
      throw new GraphQLError(ADMIN_TOKEN_NEEDED, {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers } },
      });
    },
  }),
};

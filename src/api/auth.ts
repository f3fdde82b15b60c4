import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Context } from './context.ts';

/** What a client without the token is told. */
export const TOKEN_NEEDED =
  'This needs the admin token: send the header "Authorization: Bearer <token>". The server says at its start where the token is.';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether an `Authorization` header carries the token; takes as long for a wrong one as for the right one. */
export function carriesToken(authorization: string | null | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** Refuses every mutation without the admin token, before anything of it is resolved. */
export const mutationsNeedToken: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue }) => {
      if (operation?.operation !== 'mutation' || contextValue.admin) return;
      throw new GraphQLError(TOKEN_NEEDED, {
        extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
      });
    },
  }),
};

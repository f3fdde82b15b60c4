import type { ApolloServerPlugin } from '@apollo/server';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { Context, Services } from '../context.ts';
import { formatError } from '../errors.ts';
import { checkLimits, MAX_TOKENS } from '../limits.ts';

/** What a client asks for. */
export interface LiveRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** Subscriptions, for both transports: these go past Apollo, so its checks and masks are done here. */
export interface LiveOperations {
  /** Throws a GraphQLError for what is not one valid subscription within the limits. */
  prepare(request: LiveRequest): ExecutionArgs & { contextValue: Context };
  /** A result as a client may see it: its errors say nothing internal. */
  mask(result: ExecutionResult): FormattedExecutionResult;
}

/** Refuses subscriptions where one answer is given and no more. */
export const noSubscriptions: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== 'subscription') return;
      throw new GraphQLError(
        'Subscriptions go over a WebSocket to /graphql, or over server-sent events from /graphql/stream.',
        { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } },
      );
    },
  }),
};

export function createLiveOperations(schema: GraphQLSchema, services: Services): LiveOperations {
  const format = formatError(services.log);
  const mask = ({ errors, ...result }: ExecutionResult): FormattedExecutionResult =>
    errors ? { ...result, errors: errors.map((error) => format(error.toJSON(), error)) } : result;

  return {
    mask,

    prepare({ query, operationName = null, variables }) {
      const document = parsed(query);
      const [error] = validate(schema, document);
      if (error) throw coded('GRAPHQL_VALIDATION_FAILED', error.message);
      const operation = getOperationAST(document, operationName);
      if (operation?.operation !== 'subscription') {
        throw coded(
          'BAD_USER_INPUT',
          'Only subscriptions are taken here. Send all else to /graphql by POST.',
        );
      }
      checkLimits(schema, { document, operation, operationName, variables: variables ?? {} });
      const contextValue: Context = { services, admin: false, signal: new AbortController().signal };
      return { schema, document, operationName, variableValues: variables ?? {}, contextValue };
    },
  };
}

function parsed(query: string) {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    throw coded('GRAPHQL_PARSE_FAILED', (error as Error).message);
  }
}

const coded = (code: string, message: string) => new GraphQLError(message, { extensions: { code } });

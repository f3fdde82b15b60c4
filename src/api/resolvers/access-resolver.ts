import { Ctx, Query, Resolver, registerEnumType } from 'type-graphql';
import type { Context } from '../context.ts';

enum Access {
  READ = 'READ',
  ADMIN = 'ADMIN',
}

registerEnumType(Access, {
  name: 'Access',
  description: 'What the token of a request allows.',
  valuesConfig: {
    READ: { description: 'Queries and subscriptions.' },
    ADMIN: { description: 'Mutations and uploads as well.' },
  },
});

@Resolver()
export class AccessResolver {
  @Query(() => Access, { description: 'What this request may do: for front ends that ask for a token.' })
  access(@Ctx() { admin }: Context): Access {
    return admin ? Access.ADMIN : Access.READ;
  }
}

/** The same items, the next one already under way while the current one is worked on; never more than that one. */
export async function* oneAhead<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item> {
  try {
    let next = source.next();
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = source.next();
      next.catch(() => {}); // It is thrown when it is awaited; until then it is not unhandled.
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}

/** Gives no more than `limit` rows, those behind the row `afterId`. */
type ReadPage<Row> = (page: {
  readonly limit: number;
  readonly afterId: string | undefined;
}) => Promise<readonly Row[]>;

/** Every row of a list that is read in pages, in its order. */
export async function* eachInPages<Row extends { readonly id: string }>(
  pageSize: number,
  read: ReadPage<Row>,
): AsyncGenerator<Row> {
  for await (const rows of pages(pageSize, read)) yield* rows;
}

/** The same, page by page; the last one may be empty. */
export async function* pages<Row extends { readonly id: string }>(
  pageSize: number,
  read: ReadPage<Row>,
): AsyncGenerator<readonly Row[]> {
  let afterId: string | undefined;
  for (;;) {
    const rows = await read({ limit: pageSize, afterId });
    yield rows;
    if (rows.length < pageSize) return;
    afterId = rows.at(-1)!.id;
  }
}

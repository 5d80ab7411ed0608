/**
 * Every row of a list that is read in pages, in its order.
 * @param read gives no more than `pageSize` rows, those behind the row `afterId`
 */
export async function* eachInPages<Row extends { readonly id: string }>(
  pageSize: number,
  read: (page: { readonly limit: number; readonly afterId: string | undefined }) => Promise<readonly Row[]>,
): AsyncGenerator<Row> {
  let afterId: string | undefined;
  for (;;) {
    const rows = await read({ limit: pageSize, afterId });
    yield* rows;
    if (rows.length < pageSize) return;
    afterId = rows.at(-1)!.id;
  }
}

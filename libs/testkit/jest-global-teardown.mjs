export default async function teardown() {
  await globalThis.isochronTestDatabases.stop();
}

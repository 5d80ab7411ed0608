import { collectorConformance, temporaryFolder } from '#testkit';

collectorConformance('a directory', async () => {
  const folder = await temporaryFolder('collected');
  return { url: folder.path, close: () => folder.remove() };
});

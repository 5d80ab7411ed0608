/** A process that updates a folder back and forth until it is killed. Argument: the folder, which holds the bundle. */
import { BundleFolder } from './bundle-folder.js';
import { ADDED, addendum, points } from './small-bundle.fixture.js';

const folder = new BundleFolder(process.argv[2]!);
const before = (await folder.contents())!;
process.send?.('started');
for (;;) {
  await folder.update([addendum], [{ ...points[0]!, ratio: ADDED }]);
  await folder.publish(before);
}

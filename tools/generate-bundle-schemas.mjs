// Writes docs/bundle-manifest.schema.json and docs/addendum-manifest.schema.json from what readers check. Run
// `npm run build` first.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { ADDENDUM_MANIFEST_SCHEMA, BUNDLE_MANIFEST_SCHEMA } from '../dist/libs/bundle/src/index.js';

const documents = {
  'bundle-manifest.schema.json': BUNDLE_MANIFEST_SCHEMA,
  'addendum-manifest.schema.json': ADDENDUM_MANIFEST_SCHEMA,
};
for (const [name, schema] of Object.entries(documents)) {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  await writeFile(
    file,
    await format(JSON.stringify(schema), { ...(await resolveConfig(file)), parser: 'json' }),
  );
}

import { AppError } from '#contracts';
import { MLMODEL, parseSource, type ProxiedFile, type ProxiedFiles } from '#mlflow';
import type { AliasService, RegistryService } from '#registry';
import type { Asker } from './mlflow-registry.js';

export interface VersionSourcesParts {
  readonly registry: Pick<RegistryService, 'version'>;
  readonly aliases: Pick<AliasService, 'get'>;
  readonly files: Pick<ProxiedFiles, 'find' | 'below'>;
}

/** How many files of a folder are looked at. */
const MOST_FILES = 200;
const BUNDLE = /\.(safetensors|bundle)$/;

/** Finds the bundle that a version is to be made of. */
export class VersionSources {
  constructor(private readonly parts: VersionSourcesParts) {}

  /**
   * SHA-256 of the bundle. Whether it is one, and the team's, is for whoever publishes it to say.
   * @throws AppError invalid_request for a source that is not here, or a folder that has not just one bundle; not_found for a version
   */
  async digestOf({ actor, host }: Asker, source: string): Promise<string> {
    const { registry, aliases, files } = this.parts;
    const found = parseSource(source, host);
    switch (found.kind) {
      case 'digest':
        return found.digest;
      case 'version':
        return (await registry.version(actor, found.model, found.version)).bundle.digest;
      case 'alias':
        return (await aliases.get(actor, found)).digest;
      case 'files': {
        const file = await files.find(actor, found.path);
        return file?.digest ?? bundleIn(source, await files.below(actor, found.path, MOST_FILES)).digest;
      }
    }
  }
}

/** Of a folder that was logged as a model, say: what describes the bundle lies beside it. */
function bundleIn(source: string, files: readonly ProxiedFile[]): ProxiedFile {
  const candidates = files.filter(({ path }) => BUNDLE.test(path));
  const [only, ...others] = files.length === 1 ? files : candidates;
  if (only !== undefined && others.length === 0) return only;
  const names = files.map(({ path }) => path).join(', ');
  const there = files.length === 0 ? 'nothing was put there' : `there are ${names}`;
  const expected = `one bundle, named *.safetensors or *.bundle, with ${MLMODEL} or other files beside it if need be`;
  throw new AppError('invalid_request', `source is "${source}", and ${there}: expected ${expected}`, {
    fields: [{ field: 'source', value: source, expected }],
  });
}

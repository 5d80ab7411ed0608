import { fieldErrors, NetworkSpec, type FieldError } from '#contracts';
import { CommandError } from '../command-error.js';
import { readJsonFile } from '../read-file.js';

const FAMILIES: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    [8, 14, 20, 32, 44, 56, 18, 34, 50].map((depth) => [`resnet${depth}`, { family: 'resnet', depth }]),
  ),
  vgg16: { family: 'vgg', depth: 16 },
  mobilenetv1: { family: 'mobilenetv1' },
  mobilenetv2: { family: 'mobilenetv2' },
};

export const KNOWN_NETWORKS: readonly string[] = Object.keys(FAMILIES);

/** Options of the command line, by what the specification calls them. */
const OPTION_OF: Readonly<Record<string, string>> = {
  widthMultiplier: '--width-multiplier',
  form: '--form',
};

/**
 * The specification of a known network, or of one that a JSON file describes.
 * @throws CommandError naming what is wrong: the name, an option that the network has not, or file and field
 */
export async function networkArgument(
  network: string,
  options: { readonly widthMultiplier?: number | undefined; readonly form?: string | undefined },
): Promise<NetworkSpec> {
  const isFile = network.endsWith('.json');
  const named = Object.hasOwn(FAMILIES, network) ? FAMILIES[network] : undefined;
  if (!isFile && !named) {
    throw new CommandError(
      `there is no network "${network}": expected one of ${KNOWN_NETWORKS.join(', ')}, or a file that ends in .json`,
    );
  }
  const spec = named ?? { family: 'custom', description: await readJsonFile(network) };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const input = { ...spec, ...Object.fromEntries(given) };
  const parsed = NetworkSpec.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error.issues, input, 'network');
  throw new CommandError(errors.map((error) => described(error, network)).join('\n'));
}

function described({ field, value, expected }: FieldError, network: string): string {
  const option = OPTION_OF[field];
  if (option !== undefined) {
    const isKnown = !expected.startsWith('no field');
    return `${option} ${String(value)}: ${isKnown ? `expected ${expected}` : `${network} takes no such option`}`;
  }
  const place = field.replace(/^description\.?/, '') || 'the description';
  const found = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  return `${network}: ${place} ${found}: expected ${expected}`;
}

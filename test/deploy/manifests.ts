import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from './facts.js';

export const KUBERNETES = path.join(ROOT, 'deploy/kubernetes');
/** Of which `kustomize build` makes something; components are built as parts of the overlay below. */
export const KUSTOMIZATIONS = ['base', 'overlays/example'];

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: unknown;
  readonly resources: { readonly requests?: object; readonly limits?: object };
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string }[];
    readonly serviceAccountName: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly securityContext: unknown;
  };
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // Of the kinds that are looked into.
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

export interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name?: string };
    readonly patch: string;
  }[];
}

export const titleOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

/** @throws Error naming the file when it is no YAML. */
export function readManifests(file: string): Manifest[] {
  return parseAllDocuments(fs.readFileSync(file, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]!.message}`);
    return document.toJS() as Manifest;
  });
}

const yamlFiles = (): string[] =>
  fs.readdirSync(KUBERNETES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));

export const kustomizationFolders = (): string[] =>
  yamlFiles()
    .filter((file) => path.basename(file) === 'kustomization.yaml')
    .map((file) => path.dirname(file));

/** Files with manifests as they are written, before any kustomization changes them. */
export const manifestFiles = (): string[] =>
  yamlFiles().filter((file) => path.basename(file) !== 'kustomization.yaml');

export function readKustomization(folder: string): Kustomization {
  return parse(fs.readFileSync(path.join(KUBERNETES, folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
}

/** Programs that build a kustomization; the second has the first inside. */
const BUILDERS = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
] as const;

/** The command that builds a kustomization on this machine, or undefined where there is none. */
export function findKustomize(): ((folder: string) => Manifest[]) | undefined {
  const found = BUILDERS.find(([program]) => spawnSync(program, ['--help']).error === undefined);
  return found && ((folder) => build(found, folder));
}

function build([program, verb]: (typeof BUILDERS)[number], folder: string): Manifest[] {
  const { status, stdout, stderr } = spawnSync(program, [verb, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${verb} ${folder}: ${stderr}`);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

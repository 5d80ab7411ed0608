import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

/** Kubernetes 1.33's OpenAPI schemas, and those of KEDA 2.10's custom resources, compiled to functions. */
const MODELS = [
  ...[ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount],
  ...[Deployment, HorizontalPodAutoscaler, Ingress, Job, NetworkPolicy, PodDisruptionBudget],
  ...[ScaledObject, TriggerAuthentication],
];

interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the schema of its kind has against a manifest; nothing where it is in order. */
export function manifestProblems(manifest: Typed): string[] {
  const model = MODELS.find((one) => one.is(manifest));
  if (model === undefined) return [`there is no schema for ${manifest.kind} of ${manifest.apiVersion}`];
  const read = new Set<string>();
  const problems: string[] = [];
  try {
    // On the manifest itself: an instance would be a copy, and not tell what is read of it.
    model.prototype.validate.call(recorded(manifest, '', read) as InstanceType<typeof model>);
  } catch (error) {
    problems.push((error as Error).message);
  }
  const unknown = fieldsOf(manifest, '').filter((field) => !read.has(field));
  return [...problems, ...unknown.map((field) => `${field}: a field that the schema does not know`)];
}

/**
 * The value, which notes what is read of it. These schemas let fields pass that they do not know, as the API server does
 * too: it drops them, and a mistyped name does nothing. Their functions read fields that they know, and no others.
 */
function recorded(value: object, path: string, read: Set<string>): object {
  return new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found;
      const field = `${path}/${key}`;
      read.add(field);
      return typeof found === 'object' && found !== null ? recorded(found, field, read) : found;
    },
  });
}

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}/${key}`,
    ...fieldsOf(inner, `${path}/${key}`),
  ]);
}

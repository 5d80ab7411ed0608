import { Param, type PipeTransform } from '@nestjs/common';
import { Id, Name, Sha256, notFound } from '#contracts';
import { addLogFields } from '#runtime';
import type { z } from 'zod';

/**
 * An id that no resource can have belongs to none: 404, like an unknown one, and the database is not asked. Log lines of a
 * request about a job carry its id.
 */
class KnownForm implements PipeTransform<string, string> {
  constructor(
    private readonly schema: z.ZodType,
    private readonly resource: string,
  ) {}

  transform(value: string): string {
    if (!this.schema.safeParse(value).success) throw notFound(this.resource, value);
    if (this.resource === 'job') addLogFields({ jobId: value });
    return value;
  }
}

/** `{id}` of the path. */
export const ResourceId = (resource: string) => Param('id', new KnownForm(Id, resource));
/** Another id of the path than `{id}`. */
export const ResourceIdOf = (parameter: string, resource: string) =>
  Param(parameter, new KnownForm(Id, resource));
/** `{name}` of the path. */
export const ResourceName = (resource: string) => Param('name', new KnownForm(Name, resource));
/** `{alias}` of the path. */
export const ResourceAlias = () => Param('alias', new KnownForm(Name, 'alias'));
/** `{digest}` of the path. */
export const ResourceDigest = (resource: string) => Param('digest', new KnownForm(Sha256, resource));

const LARGEST_INDEX = 2 ** 31 - 1;

class KnownIndex implements PipeTransform<string, number> {
  constructor(private readonly resource: string) {}

  transform(value: string): number {
    const index = /^\d{1,10}$/.test(value) ? Number(value) : Infinity;
    if (index > LARGEST_INDEX) throw notFound(this.resource, value);
    return index;
  }
}

/** A whole number of the path: a version, the index of a cell. */
export const ResourceIndex = (parameter: string, resource: string) =>
  Param(parameter, new KnownIndex(resource));

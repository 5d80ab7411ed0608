import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** Holds the document, which can only be built once all routes are known. */
@Injectable()
export class OpenApiDocument {
  private document: OpenAPIObject | undefined;
  private routes: readonly { readonly form: RegExp; readonly methods: readonly string[] }[] = [];

  set(document: OpenAPIObject): void {
    this.document = document;
    this.routes = Object.entries(document.paths).map(([path, item]) => ({
      form: formOf(path),
      methods: Object.keys(item).map((method) => method.toUpperCase()),
    }));
  }

  get(): OpenAPIObject {
    if (this.document === undefined) throw new Error('the OpenAPI document was not built yet');
    return this.document;
  }

  /** What may be done to a path, sorted, as the header Allow lists it (RFC 9110, section 10.2.1); nothing where no route has it. */
  methodsOf(path: string): string[] {
    const methods = new Set(
      this.routes.filter(({ form }) => form.test(path)).flatMap((route) => route.methods),
    );
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}

/** Of the paths of a template such as `/v1/jobs/{id}`; in either case and with a slash behind it, as routes take them. */
function formOf(template: string): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`, 'i');
}

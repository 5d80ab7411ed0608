import type { Request, Response } from 'express';
import { z } from 'zod';

/** Forms that an answer can take, each with its media type; the first is the default. */
export type AnswerForms<Form extends string> = Readonly<Record<Form, string>>;

export const JSON_OR_MARKDOWN = { json: 'application/json', markdown: 'text/markdown' } as const;
export const JSON_OR_HTML = { json: 'application/json', html: 'text/html' } as const;

/** Query of a route whose answer has several forms. */
export const MarkdownQuery = z.object({ format: formatOf(JSON_OR_MARKDOWN) });
export type MarkdownQuery = z.infer<typeof MarkdownQuery>;

/** `format` of a query. */
export function formatOf<Form extends string>(forms: AnswerForms<Form>) {
  const names = Object.keys(forms) as [Form, ...Form[]];
  return z.enum(names).optional().describe('in place of the Accept header');
}

/** Which form is asked for: by `format`, else by the Accept header; the first where neither names one. Sets the headers. */
export function chooseForm<Form extends string>(
  { request, response }: { request: Request; response: Response },
  forms: AnswerForms<Form>,
  format: Form | undefined,
): Form {
  const names = Object.keys(forms) as Form[];
  const accepted = request.accepts(Object.values<string>(forms));
  const form = format ?? names.find((name) => forms[name] === accepted) ?? names[0]!;
  response.vary('Accept').type(forms[form]);
  return form;
}

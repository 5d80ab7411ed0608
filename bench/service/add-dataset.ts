/** MNIST, as a user registers it. @returns its id */
export async function addDataset({
  url,
  headers,
}: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}): Promise<string> {
  const response = await fetch(`${url}/v1/datasets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name: 'mnist', source: { kind: 'mnist' } }),
  });
  const answer = (await response.json()) as { id?: string };
  if (answer.id === undefined)
    throw new Error(`the dataset was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer.id;
}

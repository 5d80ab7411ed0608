import { openArtifacts } from './open-artifacts.js';

test.each(['https://store', 'file://elsewhere/artifacts', 'gs://bucket'])('refuses %s', async (url) => {
  await expect(openArtifacts(url)).rejects.toThrow(
    `ARTIFACTS_URL="${url}": expected a directory, a file: URL of one on this machine, or s3://BUCKET/PREFIX`,
  );
});

test('does not print the password of a URL that it refuses', async () => {
  const open = openArtifacts('ftp://key:se/c:r#e?t@store/artifacts');
  await expect(open).rejects.toThrow('ARTIFACTS_URL="ftp://***@store/artifacts": expected a directory');
});

test('wants a region, from the URL or from where the AWS SDK looks', async () => {
  const names = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE', 'AWS_PROFILE'];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  process.env.AWS_CONFIG_FILE = '/nowhere';
  try {
    await expect(openArtifacts('s3://bucket/prefix')).rejects.toThrow(
      'ARTIFACTS_URL="s3://bucket/prefix": expected region=NAME in it, or a region in AWS_REGION or the profile',
    );
    process.env.AWS_REGION = 'eu-central-1';
    (await openArtifacts('s3://bucket/prefix')).close();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

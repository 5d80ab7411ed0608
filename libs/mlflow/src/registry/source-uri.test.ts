import { parseSource, versionFolder } from './source-uri.js';

const HOST = 'isochron.example:3000';
const DIGEST = 'ab'.repeat(32);

test.each([
  ['models:/digits/3', { kind: 'version', model: 'digits', version: 3 }],
  ['models:/digits@production', { kind: 'alias', model: 'digits', alias: 'production' }],
  [`mlflow-artifacts:/sha256/${DIGEST}`, { kind: 'digest', digest: DIGEST }],
  ['mlflow-artifacts:/runs/7/model', { kind: 'files', path: 'runs/7/model' }],
  ['mlflow-artifacts:/runs/my%20model/', { kind: 'files', path: 'runs/my model' }],
  [`mlflow-artifacts://${HOST}/runs/7`, { kind: 'files', path: 'runs/7' }],
  [versionFolder(HOST, 'digits', 3), { kind: 'version', model: 'digits', version: 3 }],
])('%s', (uri, source) => {
  expect(parseSource(uri, HOST)).toEqual(source);
});

test.each([
  ...['', 's3://bucket/model', 'runs:/abc/model', '/tmp/model', 'mlflow-artifacts:/', 'models:/abc'],
  ...[
    'mlflow-artifacts://elsewhere/runs/7',
    'mlflow-artifacts:/models/digits',
    'mlflow-artifacts:/sha256/ab',
  ],
  ...['mlflow-artifacts:/runs/%zz', 'mlflow-artifacts://[/x'],
])('%s is refused, and the message says what is taken', (uri) => {
  const message = `source is "${uri}": expected a bundle on this server: mlflow-artifacts:/PATH`;
  expect(() => parseSource(uri, HOST)).toThrow(message);
});

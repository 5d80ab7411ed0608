import { collectorConformance, testS3, type TestS3 } from '#testkit';

let s3: TestS3;
beforeAll(async () => void (s3 = await testS3()));
afterAll(() => s3.stop());

collectorConformance('S3', () => Promise.resolve({ url: s3.newUrl(), close: () => Promise.resolve() }));

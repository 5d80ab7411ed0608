import { DatasetError } from '#datasets';
import { rethrowUserFault } from './user-fault.js';

test('a file that becomes shorter while it is trained on is a fault of the dataset, which no retry mends', () => {
  const error = new DatasetError('the file has become shorter', { file: 'trainImages', byteOffset: 16 });
  expect(() => rethrowUserFault(error)).toThrow(
    expect.objectContaining({
      ...{ code: 'dataset_unreadable', fault: 'user', retry: false },
      message: 'trainImages at byte 16: the file has become shorter',
    }),
  );
});

test('what the user cannot mend stays as it is', () => {
  const error = new Error('EIO');
  expect(() => rethrowUserFault(error)).toThrow(error);
});

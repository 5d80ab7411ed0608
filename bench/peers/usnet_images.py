"""Images of the IDX format (the one of MNIST) as normalised tensors, and the order of an epoch's batches."""

import gzip

import torch

IMAGES_MAGIC = 0x00000803
LABELS_MAGIC = 0x00000801


class Images:
    """Training and test images `[count, 1, height, width]`, normalised by mean and deviation of all training images of
    the file, whether they are trained on or not; labels `[count]`."""

    def __init__(self, paths, train_count, test_count):
        pixels = read_idx(paths["trainImages"], IMAGES_MAGIC)
        exact = pixels.double() / 255
        mean, deviation = exact.mean(), exact.std(unbiased=False)
        del exact

        def normalised(some):
            return ((some.double() / 255 - mean) / deviation).float().unsqueeze(1).contiguous()

        self.train = normalised(pixels[:train_count])
        self.train_labels = read_idx(paths["trainLabels"], LABELS_MAGIC)[:train_count].long()
        self.test = normalised(read_idx(paths["testImages"], IMAGES_MAGIC)[:test_count])
        self.test_labels = read_idx(paths["testLabels"], LABELS_MAGIC)[:test_count].long()
        if len(self.train_labels) < train_count or len(self.test_labels) < test_count:
            raise ValueError(f"the files have fewer than {train_count} training and {test_count} test images")

    def epoch(self, batch_size, generator, batches=None):
        """Full batches in an order that the generator draws; the rest of the images sits the epoch out."""
        order = torch.randperm(len(self.train), generator=generator)
        count = len(order) // batch_size
        for rows in order[: count * batch_size].view(count, batch_size)[:batches]:
            yield self.train[rows], self.train_labels[rows]


def read_idx(path, magic):
    """Bytes of an IDX file, compressed or not, in the shape that its head gives."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = bytearray(file.read())
    words = lambda first, count: [int.from_bytes(content[i : i + 4], "big") for i in range(first, first + 4 * count, 4)]
    found = words(0, 1)[0]
    if found != magic:
        raise ValueError(f"{path}: magic number {found:#x}, expected {magic:#x}")
    shape = words(4, magic & 0xFF)
    return torch.frombuffer(content, dtype=torch.uint8, offset=4 + 4 * len(shape)).view(shape)

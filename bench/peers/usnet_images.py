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
        mean, deviation = statistics(pixels)

        def normalised(some):
            return some.float().div_(255).sub_(mean).div_(deviation).unsqueeze(1)

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


def statistics(pixels):
    """Mean and standard deviation of all pixels scaled to 0..1, from how often each of the 256 values is there."""
    counts = torch.bincount(pixels.flatten(), minlength=256).double()
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = (counts * values).sum() / counts.sum()
    variance = (counts * (values - mean) ** 2).sum() / counts.sum()
    return mean.item(), variance.sqrt().item()


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

"""The ResNet for small images with 1x1 projections, at any of a fixed list of widths that share their weights: a width
uses the leading channels of every convolution."""

import torch
import torch.nn.functional as F

EPSILON = 1e-5
STAGES = (16, 32, 64)


class Convolution:
    """A convolution without bias and the BatchNorm behind it.

    `group` names the channels that it writes, `reads` those it reads (absent: the image's own).
    """

    def __init__(self, name, reads, group, in_channels, out_channels, kernel, stride):
        self.name, self.reads, self.group = name, reads, group
        self.stride, self.padding = stride, (kernel - 1) // 2
        self.weight = torch.empty(out_channels, in_channels, kernel, kernel, requires_grad=True)
        torch.nn.init.kaiming_normal_(self.weight, mode="fan_in", nonlinearity="relu")


class Block:
    def __init__(self, first, second, shortcut):
        self.first, self.second, self.shortcut = first, second, shortcut

    def convolutions(self):
        return [c for c in (self.first, self.second, self.shortcut) if c is not None]


class Network:
    """Shared weights; random numbers come from torch's own generator."""

    def __init__(self, depth, width_multiplier, in_channels, classes):
        stages = [round(channels * width_multiplier) for channels in STAGES]
        self.stem = Convolution("stem", None, "stem", in_channels, stages[0], 3, 1)
        self.blocks = []
        group, channels = "stem", stages[0]
        for stage, wide in enumerate(stages, 1):
            for block in range(1, (depth - 2) // 6 + 1):
                name = f"stage{stage}.block{block}"
                stride = 2 if stage > 1 and block == 1 else 1
                # A stage's additions tie all that is added to its first block's output.
                tied = group if stride == 1 else f"{name}.conv2"
                inner = f"{name}.conv1"
                self.blocks.append(
                    Block(
                        Convolution(inner, group, inner, channels, wide, 3, stride),
                        Convolution(f"{name}.conv2", inner, tied, wide, wide, 3, 1),
                        Convolution(f"{name}.shortcut", group, tied, channels, wide, 1, stride) if stride > 1 else None,
                    )
                )
                group, channels = tied, wide
        self.last_group = group
        self.classifier = torch.empty(classes, channels).normal_(std=channels**-0.5).requires_grad_()
        self.bias = torch.zeros(classes, requires_grad=True)

    def convolutions(self):
        return [self.stem] + [conv for block in self.blocks for conv in block.convolutions()]

    def weights(self):
        return [conv.weight for conv in self.convolutions()] + [self.classifier]


class BatchNorm:
    """Scale and shift of one convolution's output, and the statistics that it is tested with."""

    def __init__(self, channels, scale, shift):
        self.scale, self.shift = scale, shift
        self.mean, self.variance = torch.zeros(channels), torch.ones(channels)


class Subnet:
    """The network at one width. Scales and shifts are its own, or the leading ones of `shared` ones.

    widths -- kept channels of every group
    """

    def __init__(self, network, widths, shared=None):
        self.network, self.widths, self.shared = network, widths, shared
        self.norms = {}
        for conv in network.convolutions():
            kept = widths[conv.group]
            own = (torch.ones(kept, requires_grad=True), torch.zeros(kept, requires_grad=True))
            self.norms[conv.name] = BatchNorm(kept, *((None, None) if shared else own))

    def affine(self, conv):
        if self.shared is None:
            norm = self.norms[conv.name]
            return norm.scale, norm.shift
        whole, kept = self.shared.norms[conv.name], self.widths[conv.group]
        return whole.scale[:kept], whole.shift[:kept]

    def logits(self, images, normalise):
        """`normalise(x, norm, scale, shift)` is what BatchNorm does to the outputs of a convolution."""
        network = self.network

        def conv_bn(conv, x):
            kept, read = self.widths[conv.group], self.widths.get(conv.reads, conv.weight.shape[1])
            weight = conv.weight
            if (kept, read) != weight.shape[:2]:
                weight = weight[:kept, :read]
            x = F.conv2d(x, weight, None, conv.stride, conv.padding)
            return normalise(x, self.norms[conv.name], *self.affine(conv))

        x = F.relu_(conv_bn(network.stem, images))
        for block in network.blocks:
            branch = conv_bn(block.second, F.relu_(conv_bn(block.first, x)))
            # Sums overwrite what no gradient needs: BatchNorm keeps its input, not its output.
            x = F.relu_(branch.add_(x if block.shortcut is None else conv_bn(block.shortcut, x)))
        return F.linear(x.mean((2, 3)), network.classifier[:, : self.widths[network.last_group]], network.bias)


def by_batch(x, norm, scale, shift):
    """As in training: the batch's own statistics, and no others kept."""
    return F.batch_norm(x, None, None, scale, shift, True, 0.0, EPSILON)


def by_statistics(x, norm, scale, shift):
    """As in a test."""
    return F.batch_norm(x, norm.mean, norm.variance, scale, shift, False, 0.0, EPSILON)


def averaging(seen):
    """As in training, with the batch taken into the average of the `seen` batches before it."""

    def normalise(x, norm, scale, shift):
        return F.batch_norm(x, norm.mean, norm.variance, scale, shift, True, 1 / (seen + 1), EPSILON)

    return normalise

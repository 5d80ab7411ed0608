"""A network as the benchmark describes it (layers as data) in eager PyTorch, in place wherever that changes nothing."""

import torch.nn.functional as F

BATCH_NORM_EPSILON = 1e-5
INPUT = "input"


class Forward:
    """The forward pass of one subnet: a prefix slice of the shared weights with BatchNorm parameters of its own."""

    def __init__(self, part, parameters):
        self.layers = part["network"]["layers"]
        self.parameters = parameters
        self.prefix = part["batchNormPrefix"]
        self.shapes = part["shapes"]
        self.last_reads = last_reads(self.layers)

    def __call__(self, images):
        values = {INPUT: images}
        for index, layer in enumerate(self.layers):
            values[layer["name"]] = self.output(layer, values)
            for name in self.last_reads.get(index, ()):
                del values[name]
        return values[self.layers[-1]["name"]]

    def output(self, layer, values):
        kind, name = layer["kind"], layer["name"]
        if kind == "add":
            # A sum of BatchNorm's output: no gradient needs what is overwritten.
            return values[layer["inputs"][0]].add_(values[layer["inputs"][1]])
        x = values[layer["input"]]
        if kind == "conv":
            return F.conv2d(x, self.weight(name + ".weight"), None, layer["stride"], layer["padding"])
        if kind == "batch-norm":
            scale = self.parameters[f"{self.prefix}{name}.scale"]
            shift = self.parameters[f"{self.prefix}{name}.shift"]
            return F.batch_norm(x, None, None, scale, shift, training=True, eps=BATCH_NORM_EPSILON)
        if kind == "relu":
            return F.relu_(x)
        if kind == "global-average-pool":
            return x.mean((2, 3))
        if kind == "dense":
            return F.linear(x, self.weight(name + ".weight").t(), self.weight(name + ".bias"))
        raise ValueError(f'layer "{name}": the PyTorch peer has no layer kind "{kind}"')

    def weight(self, name):
        """The leading channels of a shared weight; the weight itself where all are kept."""
        shared, shape = self.parameters[name], self.shapes[name]
        if list(shared.shape) == shape:
            return shared
        return shared[tuple(slice(side) for side in shape)]


def last_reads(layers):
    """Names of the values that no layer reads after the layer of an index, by that index."""
    last = {}
    for index, layer in enumerate(layers):
        for name in layer.get("inputs", [layer.get("input")]):
            last[name] = index
    reads = {}
    for name, index in last.items():
        reads.setdefault(index, []).append(name)
    return reads

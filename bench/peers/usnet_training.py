"""Universally slimmable training (Yu & Huang 2019, arXiv 1903.05134) with a fixed list of widths, in eager PyTorch."""

import math

import torch
import torch.nn.functional as F

from usnet_network import Network, Subnet, averaging, by_batch, by_statistics

RISE_STEPS = 50
TEST_BATCH = 500


class Training:
    """Dense epochs, then epochs whose every step trains all widths: the largest from labels, the others from labels and
    the largest one's outputs; their gradients are summed.

    options -- as the TypeScript side gives them
    images -- an `Images`
    """

    def __init__(self, options, images):
        torch.manual_seed(options["seed"])
        self.options, self.images = options, images
        self.order = torch.Generator().manual_seed(options["seed"])
        network = Network(options["depth"], options["widthMultiplier"], images.train.shape[1], options["classes"])
        groups = [width["groups"] for width in options["widths"]]
        first = Subnet(network, groups[0])
        shared = None if options["privateBatchNorm"] else first
        self.subnets = [first] + [Subnet(network, each, shared) for each in groups[1:]]
        self.optimizer = self.make_optimizer(network)
        self.steps_per_epoch = len(images.train) // options["batchSize"]
        self.epochs = options["warmupEpochs"] + options["jointEpochs"]

    def make_optimizer(self, network):
        affine = [p for subnet in self.own() for n in subnet.norms.values() for p in (n.scale, n.shift)]
        groups = [
            {"params": network.weights(), "weight_decay": self.options["weightDecay"]},
            {"params": affine + [network.bias], "weight_decay": 0.0},
        ]
        return torch.optim.SGD(groups, lr=0.0, momentum=self.options["momentum"], foreach=True)

    def own(self):
        """Subnets with scales and shifts of their own."""
        return [subnet for subnet in self.subnets if subnet.shared is None]

    def run(self, on_step):
        """Trains; `on_step(epoch, steps done)` hears of every step. Epochs count from 1."""
        step = 0
        for epoch in range(1, self.epochs + 1):
            joint = epoch > self.options["warmupEpochs"]
            if epoch == self.options["warmupEpochs"] + 1:
                self.hand_on_batch_norm()
            for batch, labels in self.images.epoch(self.options["batchSize"], self.order):
                self.train(batch, labels, self.subnets if joint else self.subnets[:1], self.learning_rate(step))
                step += 1
                on_step(epoch, step)

    def hand_on_batch_norm(self):
        """The smaller widths begin with the leading part of what the largest one has learnt, momentum too."""
        state = self.optimizer.state
        first = self.subnets[0]
        for subnet in self.own()[1:]:
            for name, norm in subnet.norms.items():
                for whole, own in ((first.norms[name].scale, norm.scale), (first.norms[name].shift, norm.shift)):
                    own.data.copy_(whole.data[: len(own)])
                    if whole in state:
                        momentum = state[whole]["momentum_buffer"]
                        state[own]["momentum_buffer"] = momentum[: len(own)].clone()

    def learning_rate(self, step):
        """A linear rise, then half a cosine to 0."""
        steps = self.epochs * self.steps_per_epoch
        rise = min(RISE_STEPS, math.ceil(steps / 10))
        if step < rise:
            return self.options["learningRate"] * (step + 1) / (rise + 1)
        return self.options["learningRate"] * 0.5 * (1 + math.cos(math.pi * (step - rise) / (steps - rise)))

    def train(self, batch, labels, subnets, learning_rate):
        self.optimizer.zero_grad(set_to_none=True)
        teacher = None
        # One after the other: only one width's activations are held at a time.
        for subnet in subnets:
            logits = subnet.logits(batch, by_batch)
            loss = F.cross_entropy(logits, labels, label_smoothing=self.options["labelSmoothing"])
            if teacher is None:
                teacher = F.softmax(logits.detach(), 1)
            else:
                weight = self.options["distillationWeight"]
                soft = F.kl_div(F.log_softmax(logits, 1), teacher, reduction="batchmean")
                loss = (1 - weight) * loss + weight * soft
            if not math.isfinite(loss.item()):
                raise ArithmeticError("the loss is not finite")
            loss.backward()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()

    @torch.no_grad()
    def recalibrate(self):
        """BatchNorm's statistics of every width: the average over some training batches at the final weights."""
        batches = list(
            self.images.epoch(self.options["batchSize"], self.order, batches=self.options["recalibrationBatches"])
        )
        for subnet in self.subnets:
            for seen, (batch, _labels) in enumerate(batches):
                subnet.logits(batch, averaging(seen))

    @torch.no_grad()
    def accuracies(self):
        """Share of the test images that each width gets right."""
        images, labels = self.images.test, self.images.test_labels
        accuracies = []
        for subnet in self.subnets:
            right = 0
            for batch, truth in zip(images.split(TEST_BATCH), labels.split(TEST_BATCH)):
                right += (subnet.logits(batch, by_statistics).argmax(1) == truth).sum().item()
            accuracies.append(right / len(labels))
        return accuracies

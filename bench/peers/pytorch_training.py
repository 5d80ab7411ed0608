"""The workload of a folder that the benchmark wrote, as a PyTorch training step."""

import json
import os

import torch
import torch.nn.functional as F

from pytorch_network import Forward

MEMORY_FORMATS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


class TrainingStep:
    """One step of SGD: every subnet's loss is differentiated in turn into the gradients of the shared weights, then the
    optimizer steps once, as training code of slimmable networks does. Calling it gives the subnets' losses."""

    def __init__(self, folder, layout, device):
        with open(os.path.join(folder, "workload.json")) as file:
            workload = json.load(file)
        self.training = workload["training"]
        memory_format = MEMORY_FORMATS[layout]
        tensors = read_tensors(folder, workload["tensors"])
        place = lambda tensor: placed(tensor, device, memory_format)
        self.images = place(tensors.pop("images"))
        self.labels = tensors.pop("labels").argmax(1).to(device)
        parameters = {name: place(tensor).requires_grad_() for name, tensor in tensors.items()}
        self.subnets = [Forward(part, parameters) for part in workload["parts"]]
        self.optimizer, self.optimizer_kind = make_optimizer(parameters, self.training)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        teacher = None
        losses = []
        for subnet in self.subnets:
            logits = subnet(self.images)
            loss = F.cross_entropy(logits, self.labels)
            if teacher is None:
                teacher = F.softmax(logits.detach(), dim=1)
            else:
                weight = self.training["distillationWeight"]
                divergence = F.kl_div(F.log_softmax(logits, dim=1), teacher, reduction="batchmean")
                loss = (1 - weight) * loss + weight * divergence
            loss.backward()
            losses.append(loss.detach())
        self.optimizer.step()
        return [loss.item() for loss in losses]


def read_tensors(folder, entries):
    """Float32 tensors by name; `offset` counts values from the beginning of tensors.bin."""
    with open(os.path.join(folder, "tensors.bin"), "rb") as file:
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    tensors = {}
    for entry in entries:
        count = 1
        for side in entry["shape"]:
            count *= side
        tensors[entry["name"]] = values[entry["offset"] : entry["offset"] + count].view(entry["shape"]).clone()
    return tensors


def placed(tensor, device, memory_format):
    if tensor.dim() != 4:
        return tensor.to(device)
    return tensor.to(device).contiguous(memory_format=memory_format)


def make_optimizer(parameters, training):
    """SGD with the fused kernel where this PyTorch has one (CPU: 2.4 and newer). Only weights decay."""
    decays = lambda name: name.endswith(".weight")
    groups = [
        {"params": [p for name, p in parameters.items() if decays(name)], "weight_decay": training["weightDecay"]},
        {"params": [p for name, p in parameters.items() if not decays(name)], "weight_decay": 0.0},
    ]
    options = {"lr": training["learningRate"], "momentum": training["momentum"]}
    try:
        return torch.optim.SGD(groups, fused=True, **options), "fused"
    except (TypeError, RuntimeError):
        return torch.optim.SGD(groups, **options), "plain"

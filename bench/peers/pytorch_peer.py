"""PyTorch's side of `npm run bench -- engine`: one workload in one process, driven over standard input.

Started with one JSON argument: {"folder", "layout", "device", "threads"}. Answers go to file descriptor 3, one JSON
object a line: first what it is, then for every line {"steps", "limitSeconds"} the seconds and losses of as many steps.
With `--probe` it says what this Python offers and ends. Needs PyTorch 1.13 or newer and nothing else.
"""

import json
import os
import sys
import time


def probe():
    import torch

    cuda = torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    return {"torch": torch.__version__, "python": sys.version.split()[0], "cuda": cuda}


def run_steps(step, count, limit_seconds):
    """At least one step; no further one once the limit is over."""
    seconds, losses = [], []
    began = time.perf_counter()
    while len(seconds) < count and (not seconds or time.perf_counter() - began < limit_seconds):
        before = time.perf_counter()
        loss = step()
        seconds.append(time.perf_counter() - before)
        losses.append(loss)
    return {"seconds": seconds, "losses": losses}


def serve(options):
    import torch

    from pytorch_training import TrainingStep

    torch.set_num_threads(options["threads"])
    # The other side computes in float32 alone.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    step = TrainingStep(options["folder"], options["layout"], options["device"])
    answers = os.fdopen(3, "w")

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    answer({"version": torch.__version__, "threads": torch.get_num_threads(), "optimizer": step.optimizer_kind})
    for line in sys.stdin:
        request = json.loads(line)
        answer(run_steps(step, request["steps"], request["limitSeconds"]))


if __name__ == "__main__":
    if sys.argv[1] == "--probe":
        print(json.dumps(probe()))
    else:
        serve(json.loads(sys.argv[1]))

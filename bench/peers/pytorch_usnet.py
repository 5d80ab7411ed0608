"""A slimmable network trained by PyTorch, for `npm run bench -- accuracy`: code of its own that is given the same data,
widths and options as Isochron's.

One JSON argument:
  seed, threads, paths {trainImages, trainLabels, testImages, testLabels}, trainImages, testImages, classes,
  depth, widthMultiplier, widths [{ratio, macs, parameters, groups {name: kept channels}}] the largest first,
  warmupEpochs, jointEpochs, batchSize, learningRate, momentum, weightDecay, distillationWeight,
  recalibrationBatches, privateBatchNorm, trainingMacs
Messages, one JSON object a line, go to file descriptor 3 where it is open, else to standard output: {"type": "progress"}
and in the end {"type": "done"} with the run, or {"type": "failed"}. Needs PyTorch 1.13 or newer and nothing else.
"""

import datetime
import json
import os
import signal
import sys
import threading
import time

PROGRESS_EVERY_SECONDS = 1


def main(options):
    import torch

    from usnet_images import Images
    from usnet_training import Training

    torch.set_num_threads(options["threads"])
    started_at = datetime.datetime.now(datetime.timezone.utc)
    began = time.perf_counter()
    training = Training(options, Images(options["paths"], options["trainImages"], options["testImages"]))
    training.run(progress_teller(training.epochs, training.epochs * training.steps_per_epoch))
    training.recalibrate()
    accuracies = training.accuracies()
    ratios = [
        {"ratio": width["ratio"], "accuracy": accuracy, "macs": width["macs"], "parameters": width["parameters"]}
        for width, accuracy in zip(options["widths"], accuracies)
    ]
    return {
        "method": "pytorch-usnet",
        "seed": options["seed"],
        "ratios": ratios,
        "untrained": [],
        "epochs": training.epochs,
        "trainingMacs": options["trainingMacs"],
        "seconds": time.perf_counter() - began,
        "startedAt": started_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }


def progress_teller(epochs, steps):
    told = 0.0

    def on_step(epoch, step):
        nonlocal told
        if time.monotonic() - told >= PROGRESS_EVERY_SECONDS:
            told = time.monotonic()
            tell({"type": "progress", "progress": {"epoch": epoch, "epochs": epochs, "fraction": step / steps}})

    return on_step


def tell(message):
    messages.write(json.dumps(message) + "\n")
    messages.flush()


def end_with_input():
    """The benchmark holds the other end of the input: it is gone when the input ends."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    try:
        messages = os.fdopen(3, "w")
    except OSError:
        messages = sys.stdout
    else:
        # A terminal interrupts the benchmark too, and that one decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=end_with_input, daemon=True).start()
    try:
        tell({"type": "done", "run": main(json.loads(sys.argv[1]))})
    except Exception as error:
        tell({"type": "failed", "message": f"{type(error).__name__}: {error}"})
        raise

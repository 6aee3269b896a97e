"""The JSON-lines protocol of bench/engine-process.ts, and the files of bench/materials.ts."""

import json
import os
import re
import struct
import sys
import time

import numpy as np

THREADS = int(os.environ["BENCH_THREADS"])


def read_safetensors(path):
    """All tensors of a float32 safetensors file, by name."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy()
    return tensors


def parse_architecture(text):
    """Layers as (kind, kernel size, channels); see src/networks/architecture.ts."""
    layers = []
    for part in text.split(","):
        if found := re.fullmatch(r"c(\d+)s1-(\d+)", part):
            layers.append(("convolution", int(found[1]), int(found[2])))
        elif found := re.fullmatch(r"([dRu])(\d+)(?:x(\d+))?", part):
            kind = {"d": "down", "R": "residual", "u": "up"}[found[1]]
            layers += [(kind, 3, int(found[2]))] * int(found[3] or 1)
        else:
            raise ValueError(f"unknown layer {part}")
    return layers


def serve_answers(answer):
    """Answers questions until the input ends: answer(question) returns a dictionary, or raises."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get among the answers
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # reported to the benchmark, which names the engine
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def serve(prepare):
    """Serves an engine of one kind of run.

    prepare(case, folder) returns (run, reset, note): run() computes once and returns a float32 array, reset() goes back
    to the first state.
    """
    held = {}

    def answer(question):
        if question["command"] == "prepare":
            held["run"], held["reset"], note = prepare(question["case"], question["folder"])
            held["run"]()  # the first runs compile and allocate; writing the output is the second
            return {"note": note}
        if question["command"] == "output":
            held["reset"]()
            np.ascontiguousarray(held["run"](), np.float32).tofile(question["file"])
            return {}
        started = time.perf_counter()
        held["run"]()
        return {"ms": (time.perf_counter() - started) * 1000}

    serve_answers(answer)

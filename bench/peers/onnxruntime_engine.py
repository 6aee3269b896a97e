"""ONNX Runtime: the transform network in float32. Argument: f32."""

import os

import numpy as np
import onnxruntime

from onnx_graph import transform_graph
from protocol import THREADS, read_safetensors, serve


def painter(architecture, weights, height, width):
    """A function from one picture to the painted one, both [1, 3, height, width] in [0, 255]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    # Threads that wait by spinning would take the cores from the engine whose turn is next.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    graph = transform_graph(architecture, weights, height, width)
    session = onnxruntime.InferenceSession(graph, options, ["CPUExecutionProvider"])
    return lambda photo: session.run(None, {"photo": photo})[0]


def prepare(case, folder):
    weights = read_safetensors(os.path.join(folder, "weights.safetensors"))
    photos = read_safetensors(os.path.join(folder, "pictures.safetensors"))["photos"]
    photo = np.ascontiguousarray(photos.transpose(0, 3, 1, 2))
    paint = painter(case["architecture"], weights, case["height"], case["width"])
    return lambda: paint(photo).transpose(0, 2, 3, 1), lambda: None, ""


if __name__ == "__main__":
    serve(prepare)

"""OpenVINO: the transform network in float32 or bfloat16. Argument: f32 or bf16."""

import os
import sys

import numpy as np
import openvino

from onnx_graph import transform_graph
from protocol import THREADS, read_safetensors, serve


def painter(architecture, weights, height, width, precision):
    """A function from one picture to the painted one, both [1, 3, height, width] in [0, 255]."""
    core = openvino.Core()
    model = core.read_model(transform_graph(architecture, weights, height, width))
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": THREADS,
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def paint(photo):
        request.infer([photo], share_inputs=True)
        return request.get_output_tensor(0).data

    return paint


def prepare(case, folder):
    weights = read_safetensors(os.path.join(folder, "weights.safetensors"))
    photos = read_safetensors(os.path.join(folder, "pictures.safetensors"))["photos"]
    photo = np.ascontiguousarray(photos.transpose(0, 3, 1, 2))
    paint = painter(case["architecture"], weights, case["height"], case["width"], sys.argv[1])
    return lambda: paint(photo).transpose(0, 2, 3, 1), lambda: None, ""


if __name__ == "__main__":
    serve(prepare)

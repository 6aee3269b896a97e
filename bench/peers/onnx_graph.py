"""The transform network as an ONNX graph of one size: NCHW in and out, as the runtimes like it best."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from protocol import parse_architecture

OPSET = 18


def transform_graph(architecture, weights, height, width):
    nodes, constants = [], []

    def constant(array):
        name = f"constant{len(constants)}"
        constants.append(numpy_helper.from_array(array, name))
        return name

    def scalar(value):
        return constant(np.array(value, np.float32))

    def node(op, *inputs, **attributes):
        output = f"{op.lower()}{len(nodes)}"
        nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def convolve(x, name, stride=1, bias=None, border="reflect"):
        kernel = weights[f"{name}.kernel"].transpose(3, 2, 0, 1)
        side = kernel.shape[-1]
        margin = side // 2
        pads = constant(np.array([0, 0, margin, margin] * 2, np.int64))
        inputs = [node("Pad", x, pads, mode=border), constant(np.ascontiguousarray(kernel))]
        if bias is not None:
            inputs.append(constant(bias))
        return node("Conv", *inputs, kernel_shape=[side, side], strides=[stride, stride])

    def normalized(x, name, stride=1, border="reflect"):
        scale, offset = constant(weights[f"{name}.scale"]), constant(weights[f"{name}.offset"])
        return node("InstanceNormalization", convolve(x, name, stride, border=border), scale, offset, epsilon=1e-5)

    x = node("Sub", node("Div", "photo", scalar(127.5)), scalar(1))
    layers = parse_architecture(architecture)
    for i, (kind, _, _) in enumerate(layers):
        name = f"layers.{i}"
        if kind == "residual":
            inner = node("Relu", normalized(x, f"{name}.first"))
            x = node("Add", x, normalized(inner, f"{name}.second"))
        elif i == len(layers) - 1:
            x = convolve(x, name, bias=weights[f"{name}.bias"])
        else:
            border = "reflect"
            if kind == "up":
                border = "edge"
                scales = constant(np.array([1, 1, 2, 2], np.float32))
                x = node(
                    "Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel"
                )
            x = node("Relu", normalized(x, name, 2 if kind == "down" else 1, border))
    x = node("Tanh", node("Mul", x, scalar(0.1)))
    x = node("Add", node("Mul", x, scalar(127.5)), scalar(127.5))
    shape = [1, 3, height, width]
    graph = helper.make_graph(
        nodes,
        "transform",
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    checker.check_model(model)
    return model.SerializeToString()

"""ONNX Runtime: a style in float32 and with convolutions in int8, in turns. Arguments: a folder with style.onnx, and photos and
calibration as bytes [N, height, width, 3]; width; height. Prints a table; leaves both paintings of the first photo in <method>.raw."""

import contextlib
import os
import sys
import time

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

FOLDER, WIDTH, HEIGHT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def photos(name):
    pixels = np.fromfile(os.path.join(FOLDER, name), np.uint8)
    return pixels.reshape(-1, 1, HEIGHT, WIDTH, 3).astype(np.float32)


class Photos(CalibrationDataReader):
    def __init__(self):
        self.left = iter(photos("calibration"))

    def get_next(self):
        photo = next(self.left, None)
        return None if photo is None else {"image": photo}


def session(name):
    return onnxruntime.InferenceSession(os.path.join(FOLDER, name), providers=["CPUExecutionProvider"])


def timed(of, photo):
    started, busy = time.perf_counter(), time.process_time()
    painted = of.run(None, {"image": photo})[0]
    return np.clip(painted, 0, 255), time.perf_counter() - started, time.process_time() - busy


plain = os.path.join(FOLDER, "plain.onnx")
quant_pre_process(os.path.join(FOLDER, "style.onnx"), plain, skip_symbolic_shape=True)
exact = session("style.onnx")
exact.run(None, {"image": photos("photos")[0]})
print("| scales by | f32 | int8 | processor time of int8 | PSNR against f32 |\n|---|---:|---:|---:|---|")
for method in (CalibrationMethod.MinMax, CalibrationMethod.Percentile):
    name = method.name.lower()
    with contextlib.redirect_stdout(sys.stderr):
        quantize_static(
            plain,
            os.path.join(FOLDER, name + ".onnx"),
            Photos(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            # Without VNNI, sums of two products of 8 bits would overflow.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=method,
        )
    rounded = session(name + ".onnx")
    rounded.run(None, {"image": photos("photos")[0]})
    times, psnr = [], []
    for number, photo in enumerate(photos("photos")):
        (a, *of_exact), (b, *of_rounded) = timed(exact, photo), timed(rounded, photo)
        times.append(of_exact + of_rounded)
        psnr.append(10 * np.log10(255**2 / np.mean((a - b) ** 2)))
        if number == 0:
            np.concatenate([a[0], b[0]], 1).round().astype(np.uint8).tofile(os.path.join(FOLDER, name + ".raw"))
    f32, f32_busy, int8, int8_busy = np.median(times, 0)
    ratio = int8_busy / f32_busy
    print(f"| {name} | {f32:.3f} s | {int8:.3f} s | × {ratio:.2f} | {min(psnr):.1f} to {max(psnr):.1f} dB |")

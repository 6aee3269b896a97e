"""A film through a peer: ffmpeg decodes into a pipe, the peer paints, ffmpeg encodes from a pipe, all three at once.

Arguments: torch, onnxruntime or openvino, and f32 or bf16. Questions: prepare, with architecture, weights (a file), width and
height; film, with ffmpeg (the program), decode and encode (its arguments). The answer to a film is the time from its first
painted frame to its last, and the frames.
"""

import queue
import subprocess
import sys
import threading
import time

import numpy as np

from protocol import read_safetensors, serve_answers

PEER, PRECISION = sys.argv[1:3]
# torch_engine.py reads its precision there.
sys.argv[1:] = [PRECISION]
# Frames that wait at most, on either side: as in our own pipeline.
AHEAD = 4


def torch_painter(architecture, weights, height, width):
    import torch

    from torch_engine import LAYOUTS, TransformNet, autocast, milliseconds

    def painter(layout):
        net = TransformNet(architecture, weights).to(memory_format=layout).eval()

        def paint(frame):
            with torch.inference_mode():
                photo = torch.from_numpy(frame).permute(2, 0, 1)[None].float().contiguous(memory_format=layout)
                with autocast():
                    painted = net(photo)
                return painted.clamp_(0, 255).round_().to(torch.uint8)[0].permute(1, 2, 0).contiguous().numpy()

        return paint

    painters = {name: painter(layout) for name, layout in LAYOUTS.items()}
    frame = np.full((height, width, 3), 128, np.uint8)
    taken = {name: milliseconds(lambda: paint(frame), 3) for name, paint in painters.items()}
    best = min(taken, key=taken.get)
    return painters[best], best


def runtime_painter(architecture, weights, height, width):
    if PEER == "openvino":
        from openvino_engine import painter

        paint = painter(architecture, weights, height, width, PRECISION)
    else:
        from onnxruntime_engine import painter

        paint = painter(architecture, weights, height, width)

    def paint_frame(frame):
        painted = paint(np.ascontiguousarray(frame.transpose(2, 0, 1)[None], np.float32))[0]
        return np.ascontiguousarray(np.clip(np.rint(painted), 0, 255).astype(np.uint8).transpose(1, 2, 0))

    return paint_frame, ""


def read_frames(pipe, size, frames):
    while len(frame := pipe.read(size)) == size:
        frames.put(frame)
    frames.put(None)


def write_frames(pipe, frames):
    while (frame := frames.get()) is not None:
        pipe.write(frame)
    pipe.close()


def film(paint, height, width, program, decode, encode):
    decoder = subprocess.Popen([program, *decode], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    encoder = subprocess.Popen([program, *encode], stdin=subprocess.PIPE)
    decoded, painted = queue.Queue(AHEAD), queue.Queue(AHEAD)
    threads = [
        threading.Thread(target=read_frames, args=(decoder.stdout, height * width * 3, decoded), daemon=True),
        threading.Thread(target=write_frames, args=(encoder.stdin, painted), daemon=True),
    ]
    for thread in threads:
        thread.start()
    times = []
    while (frame := decoded.get()) is not None:
        # A copy: PyTorch wants memory that may be written.
        painted.put(paint(np.frombuffer(frame, np.uint8).reshape(height, width, 3).copy()))
        times.append(time.perf_counter())
    painted.put(None)
    if encoder.wait() != 0 or decoder.wait() != 0:
        raise RuntimeError("ffmpeg failed")
    return {"ms": (times[-1] - times[0]) * 1000, "frames": len(times)}


def main():
    held = {}

    def answer(question):
        if question["command"] == "prepare":
            height, width = question["height"], question["width"]
            make = torch_painter if PEER == "torch" else runtime_painter
            paint, note = make(question["architecture"], read_safetensors(question["weights"]), height, width)
            paint(np.full((height, width, 3), 128, np.uint8))  # the first run allocates
            held.update(paint=paint, height=height, width=width)
            return {"note": note}
        return film(**held, program=question["ffmpeg"], decode=question["decode"], encode=question["encode"])

    serve_answers(answer)


if __name__ == "__main__":
    main()

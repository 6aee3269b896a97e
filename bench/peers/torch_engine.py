"""PyTorch: the transform network and a training step, in float32 or with bfloat16 autocast.

Arguments: f32 or bf16; then cpu (the default) or cuda; then `compile` for torch.compile. On CUDA f32 is TF32, and cuDNN is autotuned.
"""

import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from protocol import THREADS, parse_architecture, read_safetensors, serve

torch.set_num_threads(THREADS)
AUTOCAST = sys.argv[1] == "bf16"
DEVICE = sys.argv[2] if len(sys.argv) > 2 else "cpu"
COMPILES = "compile" in sys.argv[3:]
LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
if COMPILES:
    del LAYOUTS["contiguous"]  # compiling takes a minute each, and channels last is the faster one on a GPU
if DEVICE == "cuda":
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.cuda.matmul.allow_tf32 = True
VGG_BLOCKS = [2, 2, 4, 4, 4]
CONTENT_LAYERS = {"relu3_2": 0.5, "relu4_2": 0.5}
STYLE_LAYERS = {f"relu{block}_1": 0.2 for block in range(1, 6)}
CONTENT, STYLE, TV, LEARNING_RATE = 1.0, 4.0, 5e-5, 1e-3


def autocast():
    return torch.autocast(DEVICE, torch.bfloat16, enabled=AUTOCAST)


def compiled(function):
    # Tried on a CPU, what is compiled is traced, and not built for minutes.
    return torch.compile(function, backend="inductor" if DEVICE == "cuda" else "eager") if COMPILES else function


def kernel(array):
    """HWIO as our files have it to PyTorch's OIHW."""
    return torch.from_numpy(np.ascontiguousarray(array.transpose(3, 2, 0, 1))).to(DEVICE)


def pictures(array, layout):
    return torch.from_numpy(array).permute(0, 3, 1, 2).to(DEVICE).contiguous(memory_format=layout)


class TransformNet(torch.nn.Module):
    def __init__(self, architecture, weights):
        super().__init__()
        self.layers = parse_architecture(architecture)
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, array in weights.items():
            # Copies: training changes them in place, and starts again from the files' values.
            value = kernel(array) if name.endswith(".kernel") else torch.from_numpy(array.copy()).to(DEVICE)
            self.register_parameter(self.names[name], torch.nn.Parameter(value))

    def parameter(self, name):
        return getattr(self, self.names[name])

    def convolve(self, x, name, stride=1, bias=None, border="reflect"):
        weight = self.parameter(f"{name}.kernel")
        margin = weight.shape[-1] // 2
        return F.conv2d(F.pad(x, [margin] * 4, mode=border), weight, bias, stride)

    def normalized(self, x, name, stride=1, border="reflect"):
        scale, offset = self.parameter(f"{name}.scale"), self.parameter(f"{name}.offset")
        return F.instance_norm(self.convolve(x, name, stride, border=border), weight=scale, bias=offset, eps=1e-5)

    def forward(self, images):
        x = images / 127.5 - 1
        last = len(self.layers) - 1
        for i, (kind, _, _) in enumerate(self.layers):
            name = f"layers.{i}"
            if kind == "residual":
                inner = F.relu(self.normalized(x, f"{name}.first"))
                x = x + self.normalized(inner, f"{name}.second")
            elif i == last:
                x = self.convolve(x, name, bias=self.parameter(f"{name}.bias"))
            else:
                border = "reflect"
                if kind == "up":
                    x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
                    border = "replicate"
                x = F.relu(self.normalized(x, name, 2 if kind == "down" else 1, border))
        return torch.tanh(x.float() * 0.1) * 127.5 + 127.5


class LossNetwork:
    def __init__(self, weights, layout):
        self.steps = []
        for block, count in enumerate(VGG_BLOCKS, 1):
            for i in range(1, count + 1):
                name = f"conv{block}_{i}"
                weight = kernel(weights[f"{name}.kernel"]).contiguous(memory_format=layout)
                self.steps.append((f"relu{block}_{i}", weight, torch.from_numpy(weights[f"{name}.bias"]).to(DEVICE)))
        self.mean = torch.tensor([0.485, 0.456, 0.406], device=DEVICE).view(1, 3, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225], device=DEVICE).view(1, 3, 1, 1)

    def features(self, images, wanted):
        found = {}
        x = (images / 255 - self.mean) / self.std
        block = "1"
        for name, weight, bias in self.steps:
            if name[4] != block:
                x, block = F.max_pool2d(x, 2), name[4]
            x = F.relu(F.conv2d(x, weight, bias, padding=1))
            if name in wanted:
                found[name] = x
            if len(found) == len(wanted):
                break
        return found


def gram(x):
    count, channels, height, width = x.shape
    flat = x.reshape(count, channels, height * width)
    return torch.bmm(flat, flat.transpose(1, 2)).float() / (channels * height * width)


def share(values, targets):
    """Squared distance per picture as a share of the target's energy, averaged over the batch."""
    dims = list(range(1, values.dim()))
    distance = (values.float() - targets.float()).square().sum(dims)
    return (distance / targets.float().square().sum(dims)).mean()


def total_variation(x):
    down, right = x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]
    return (down.square().sum() + right.square().sum()) / x.numel()


def prepare_forward(case, folder, layout):
    net = TransformNet(case["architecture"], read_safetensors(os.path.join(folder, "weights.safetensors")))
    net = compiled(net.to(memory_format=layout).eval())
    array = read_safetensors(os.path.join(folder, "pictures.safetensors"))["photos"]
    photos = pictures(array, layout)

    def run():
        with torch.inference_mode(), autocast():
            if case.get("staysOnDevice"):
                return net(photos)[:, :, :1, :1].permute(0, 2, 3, 1).cpu().numpy()
            given = photos if DEVICE == "cpu" else pictures(array, layout)
            return net(given).permute(0, 2, 3, 1).cpu().numpy()

    return run, lambda: None


def prepare_training(case, folder, layout):
    weights = read_safetensors(os.path.join(folder, "weights.safetensors"))
    files = read_safetensors(os.path.join(folder, "pictures.safetensors"))
    vgg = LossNetwork(read_safetensors(os.path.join(folder, "vgg.safetensors")), layout)
    photos, painting = pictures(files["photos"], layout), pictures(files["painting"], layout)
    with torch.no_grad():
        targets = {name: gram(x) for name, x in vgg.features(painting, STYLE_LAYERS).items()}
    held = {}

    def reset():
        held["net"] = TransformNet(case["architecture"], weights).to(memory_format=layout)
        held["adam"] = torch.optim.Adam(held["net"].parameters(), lr=LEARNING_RATE, fused=True)

    @compiled
    def losses(net):
        with autocast():
            with torch.no_grad():
                photo = vgg.features(photos, CONTENT_LAYERS)
            painted = net(photos)
            maps = vgg.features(painted, {**CONTENT_LAYERS, **STYLE_LAYERS})
            content = sum(part * share(maps[name], photo[name]) for name, part in CONTENT_LAYERS.items())
            style = sum(
                part * share(gram(maps[name]), targets[name].expand(len(photos), -1, -1))
                for name, part in STYLE_LAYERS.items()
            )
            tv = total_variation(painted)
            total = CONTENT * content + STYLE * style + TV * tv
        return total, content, style, tv

    def run():
        held["adam"].zero_grad(set_to_none=True)
        values = losses(held["net"])
        values[0].backward()
        held["adam"].step()
        return torch.stack(values).detach().float().cpu().numpy()

    reset()
    return run, reset


def milliseconds(run, rounds):
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        taken.append((time.perf_counter() - started) * 1000)
    return min(taken)


def prepare(case, folder):
    """Takes the faster memory layout: by three runs each, by two of a training step, by one where a run takes a minute."""
    make, rounds = (prepare_forward, 3) if case["kind"] == "forward" else (prepare_training, 2)
    if case["width"] * case["height"] > 2**22:
        rounds = 1
    made = {name: make(case, folder, layout) for name, layout in LAYOUTS.items()}
    taken = {name: milliseconds(run, rounds) for name, (run, _) in made.items()}
    best = min(taken, key=taken.get)
    return (*made[best], best)


if __name__ == "__main__":
    serve(prepare)

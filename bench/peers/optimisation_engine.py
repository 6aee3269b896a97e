"""torch.optim.LBFGS and SciPy's L-BFGS-B over one PyTorch objective. Arguments: f32, cpu, torch|scipy, pairs remembered."""

import os
import queue
import sys
import threading
import time

import numpy as np
import torch

from protocol import read_safetensors, serve_answers
from torch_engine import CONTENT, CONTENT_LAYERS, LAYOUTS, STYLE, STYLE_LAYERS, TV
from torch_engine import LossNetwork, gram, pictures, share, total_variation

MINIMIZER, HISTORY = sys.argv[3], int(sys.argv[4])
ENDLESS = 10**6


def make_objective(folder, layout):
    files = read_safetensors(os.path.join(folder, "pictures.safetensors"))
    vgg = LossNetwork(read_safetensors(os.path.join(folder, "vgg.safetensors")), layout)
    with torch.no_grad():
        photo = vgg.features(pictures(files["photos"], layout), CONTENT_LAYERS)
        painting = vgg.features(pictures(files["painting"], layout), STYLE_LAYERS)
        targets = {name: gram(x) for name, x in painting.items()}

    def objective(picture):
        # The minimisers flatten picture and gradient, which needs plain order; the network's layout is its own.
        maps = vgg.features(picture.contiguous(memory_format=layout), {**CONTENT_LAYERS, **STYLE_LAYERS})
        content = sum(part * share(maps[name], photo[name]) for name, part in CONTENT_LAYERS.items())
        style = sum(part * share(gram(maps[name]), targets[name]) for name, part in STYLE_LAYERS.items())
        return CONTENT * content + STYLE * style + TV * total_variation(picture)

    return objective, pictures(files["start"], torch.contiguous_format)


def evaluate(objective, start):
    picture = start.clone().requires_grad_(True)
    value = objective(picture)
    value.backward()
    return value.item(), picture.grad


def faster_layout(folder):
    taken = {}
    for name, layout in LAYOUTS.items():
        made = make_objective(folder, layout)
        evaluate(*made)
        started = time.perf_counter()
        evaluate(*made)
        evaluate(*made)
        taken[name] = time.perf_counter() - started
    best = min(taken, key=taken.get)
    return make_objective(folder, LAYOUTS[best]), best


class Optimisation(threading.Thread):
    """A minimiser that stands still, inside its evaluation, between turns."""

    def __init__(self, objective, start):
        super().__init__(daemon=True)
        self.objective, self.first = objective, start
        self.wanted, self.done = queue.Queue(), queue.Queue()
        self.left, self.values = 0, []

    def turn(self, evaluations):
        if not self.is_alive():
            self.start()
        self.wanted.put(evaluations)
        error = self.done.get()
        if error is not None:
            raise error
        values, self.values = self.values, []
        return values

    def run(self):
        self.left = self.wanted.get()
        try:
            (self.by_torch if MINIMIZER == "torch" else self.by_scipy)()
            raise RuntimeError("it has stopped by itself")
        except Exception as error:
            self.done.put(error)

    def seen(self, value):
        self.values.append(value)
        self.left -= 1
        if self.left == 0:
            self.done.put(None)
            self.left = self.wanted.get()

    def by_torch(self):
        picture = self.first.clone().requires_grad_(True)
        optimizer = torch.optim.LBFGS(
            [picture],
            max_iter=ENDLESS,
            max_eval=ENDLESS,
            history_size=HISTORY,
            tolerance_grad=0,
            tolerance_change=0,
            line_search_fn="strong_wolfe",
        )

        def closure():
            optimizer.zero_grad()
            value = self.objective(picture)
            value.backward()
            self.seen(value.item())
            return value

        optimizer.step(closure)

    def by_scipy(self):
        import scipy.optimize

        def with_gradient(values):
            picture = torch.from_numpy(values.astype(np.float32)).view_as(self.first).requires_grad_(True)
            value = self.objective(picture)
            value.backward()
            self.seen(value.item())
            return value.item(), picture.grad.numpy().ravel().astype(np.float64)

        scipy.optimize.minimize(
            with_gradient,
            self.first.numpy().ravel().astype(np.float64),
            jac=True,
            method="L-BFGS-B",
            options=dict(maxcor=HISTORY, maxfun=ENDLESS, maxiter=ENDLESS, ftol=0, gtol=0),
        )


held = {}


def answer(question):
    if question["command"] == "prepare":
        held["turn"] = question["case"]["turn"]
        held["problem"], note = faster_layout(question["folder"])
        held["optimisation"] = Optimisation(*held["problem"])
        return {"note": note}
    if question["command"] == "output":
        value, gradient = evaluate(*held["problem"])
        flat = gradient.permute(0, 2, 3, 1).contiguous().numpy().ravel()
        np.concatenate([[value], flat]).astype(np.float32).tofile(question["file"])
        return {}
    started = time.perf_counter()
    values = held["optimisation"].turn(held["turn"])
    return {"ms": (time.perf_counter() - started) * 1000, "values": values}


serve_answers(answer)

#!/usr/bin/env bash
# pack.sh <empty folder>: everything that `npm run bench -- --gpu` needs on a GPU machine without a network (Linux x64, Python with PyTorch for CUDA 12 or
# 13), in parts of 59 MiB. Run in a checkout that is built and set up. There: cat part-* | tar x && bash setup.sh && . ./env.sh, and what setup.sh says.
set -euo pipefail
checkout=$(realpath "$(dirname "$0")/../..")
mkdir -p "$1"; cd "$1"; [ -z "$(ls)" ] || { echo "Expected an empty folder but received $1." >&2; exit 2; }
cache=${FAST_STYLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fast-style}
version=$(sed -n 's/.*"tensorflow": *"\([^"]*\)".*/\1/p' "$cache/tensorflow/manifest.json")

# TensorFlow's library with CUDA in it is in the plain wheel for Linux; of CUDA itself only libcudart must be of the version that it names.
pip download -q --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_27_x86_64 -d wheels "tensorflow==$version"
pip download -q --no-deps --only-binary=:all: --platform manylinux2014_x86_64 -d wheels nvidia-cuda-runtime-cu12==12.9.79
mkdir -p stage/tensorflow stage/binding stage/cuda stage/app
unzip -q -o -j wheels/tensorflow-*.whl 'tensorflow/libtensorflow_*.so.2' -d stage/tensorflow
unzip -q -o -j wheels/nvidia_cuda_runtime*.whl '*/libcudart.so.12' -d stage/cuda
strip --strip-unneeded stage/tensorflow/*.so.2
# The binding is compiled against the CPU's library and fits this one: the same headers.
cp "$cache"/tensorflow/"$version"-*-linux-x64/binding-*/*.node stage/binding/
cp "$(readlink -f "$(command -v node)")" stage/node
echo "$version" >stage/version
(cd "$checkout" && tar c --exclude='*.map' --exclude='node_modules/@biomejs' --exclude='node_modules/typescript' --exclude='node_modules/@types' \
  dist src bench package.json tsconfig.json samples weights checkpoints scripts node_modules) | tar x -C stage/app
(cd stage && tar c . | xz -T0 -3 >../packed.tar.xz)
cp "$checkout/bench/gpu/setup.sh" .
tar c packed.tar.xz setup.sh | split -b 59M -d - part-
rm -rf stage wheels packed.tar.xz setup.sh
ls -l part-*

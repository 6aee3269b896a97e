#!/usr/bin/env bash
# setup.sh: unpacks what pack.sh has packed into this folder, and lets CUDA's libraries of an installed PyTorch stand in under the names that TensorFlow asks
# for. Writes env.sh, to be sourced before the program runs.
set -euo pipefail
here=$(realpath "$(dirname "$0")"); cd "$here"
xz -dc -T0 packed.tar.xz | tar x && rm packed.tar.xz
version=$(cat version)
runtime=cache/tensorflow/$version-gpu-linux-x64
mkdir -p "$runtime" home
mv tensorflow binding "$runtime/"

python3 - "$version" <<'END'
import json, os, sys
version = sys.argv[1]
folder = f"{version}-gpu-linux-x64"
home = "cache/tensorflow"
names = ["binding/tfjs_binding.node", "binding/quiet.node", "tensorflow/libtensorflow_framework.so.2", "tensorflow/libtensorflow_cc.so.2"]
files = [{"path": f"{folder}/{name}", "bytes": os.path.getsize(f"{home}/{folder}/{name}"), "sha256": ""} for name in names]
binding_package = json.load(open("app/node_modules/@tensorflow/tfjs-node-gpu/package.json"))["version"]
manifest = {"format": 1, "tensorflow": version, "source": "wheel", "origin": f"tensorflow {version}", "variant": "gpu", "platform": "linux-x64",
            "bindingPackage": binding_package, "binding": files[0]["path"], "files": files}
json.dump(manifest, open(f"{home}/manifest.json", "w"))
END

# XLA assembles what it compiles: Triton, which comes with PyTorch, has both parts.
mkdir -p cuda/bin cuda/nvvm/libdevice
for part in bin/ptxas nvvm/libdevice/libdevice.10.bc; do
  found=$(find / -xdev -name "$(basename $part)" -not -path "$here/*" 2>/dev/null | head -n 1 || true)
  if [ -n "$found" ]; then ln -sf "$found" "cuda/$part"; else echo "no $(basename $part): XLA cannot compile"; fi
done

find / -xdev -name 'lib*.so.*' \( -name 'libcu*' -o -name 'libnccl*' -o -name 'libnv*' \) -not -path '*/stubs/*' 2>/dev/null >libraries || true
# <name that TensorFlow asks for> <names that serve, the first found>
folders=""
while read -r wanted others; do
  for name in $wanted $others; do
    found=$(grep -m 1 "/$name\$" libraries || true)
    [ -n "$found" ] && break
  done
  if [ -z "$found" ]; then echo "no library for $wanted"; continue; fi
  ln -sf "$found" "cuda/$wanted"; folders=$folders:$(dirname "$found")
done <<'END'
libcublas.so.12 libcublas.so.13
libcublasLt.so.12 libcublasLt.so.13
libcufft.so.11 libcufft.so.12
libcusolver.so.11 libcusolver.so.12
libcusparse.so.12
libcudnn.so.9
libnccl.so.2
libnvrtc.so.12 libnvrtc.so.13
libnvJitLink.so.12 libnvJitLink.so.13
END
cat >env.sh <<END
export LD_LIBRARY_PATH=$here/cuda$folders:/usr/local/nvidia/lib64:\${LD_LIBRARY_PATH:-}
export FAST_STYLE_CACHE=$here/cache HOME=$here/home PATH=$here:$here/cuda/bin:\$PATH
export XLA_FLAGS=--xla_gpu_cuda_data_dir=$here/cuda
END
echo 'Now: . ./env.sh && cd app && node dist/cli.js doctor && node --import tsx bench/run.ts --gpu --quick --page ../performance-gpu.md'

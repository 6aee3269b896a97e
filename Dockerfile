# fast-style in a container, set up while it is built: `cpu`, the default, and `cuda` for NVIDIA GPUs.
# docs/docker.md tells how to build and to run it.

ARG NODE=node:22-bookworm-slim

# From the sources to the package.
FROM ${NODE} AS pack
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run pack -- --pack-destination /tmp

# The package with the locked packages that it needs (half of them source maps), and the tools that set-up needs.
FROM ${NODE} AS package
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/fast-style
ENV FAST_STYLE_CACHE=/opt/fast-style/cache
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && find node_modules -name '*.map' -delete
COPY --from=pack /tmp/*.tgz /tmp/
RUN tar -xzf /tmp/fast-style-*.tgz --strip-components=1 && chmod +x bin/fast-style.mjs && mkdir -p cache/weights

FROM package AS cpu-runtime
RUN node bin/fast-style.mjs setup --no-gpu

FROM package AS cuda-runtime
RUN node bin/fast-style.mjs setup --gpu --without-device

# What both images are: no compiler, no pip, nobody's root.
FROM ${NODE} AS base
ARG PACKAGES=""
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install -y --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi \
 && ln -s /opt/fast-style/bin/fast-style.mjs /usr/local/bin/fast-style
ENV FAST_STYLE_CACHE=/opt/fast-style/cache
WORKDIR /work
USER node
ENTRYPOINT ["fast-style"]
CMD ["--help"]

FROM base AS cuda
# The container toolkit brings the driver's libraries in; CUDA itself lies in the runtime.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=cuda-runtime --chown=node:node /opt/fast-style /opt/fast-style

FROM base AS cpu
COPY --from=cpu-runtime --chown=node:node /opt/fast-style /opt/fast-style

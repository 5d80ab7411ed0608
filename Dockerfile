# Images for api, worker and migrations; docker-compose.yml and deploy/ give each its command.
#   docker build -t isochron .                    the last stage, for CPUs
#   docker build -t isochron-gpu --target gpu .   the same with what NVIDIA's cards need, for workers

# Any image with apt, Linux on x64, CUDA 12's libraries and cuDNN 9, which the CUDA provider of onnxruntime links to.
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM ${CUDA_IMAGE} AS engines
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends g++ make python3 python3-pip \
  && rm -rf /var/lib/apt/lists/*
# Node.js with its headers, which the addon of tensorflow-gpu is compiled against, and npm.
COPY --from=build /usr/local /usr/local
COPY --from=build /app /app
WORKDIR /app
# Names that `npm run provision` takes (docs/engines.md): cuda, tensorflow-gpu, or both.
ARG ENGINES=cuda
RUN mkdir -p provisioned && npm run provision -- ${ENGINES}

FROM ${CUDA_IMAGE} AS gpu
ENV NODE_ENV=production
# `graphics` brings the driver's Vulkan, which onnxruntime's WebGPU computes through; the packages are what that links to.
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libvulkan1 libgl1 libegl1 libxext6 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=engines --chown=1000:1000 /app/node_modules ./node_modules
COPY --from=engines --chown=1000:1000 /app/provisioned ./provisioned
COPY --from=engines --chown=1000:1000 /app/package.json ./
COPY --from=engines --chown=1000:1000 /app/prisma ./prisma
COPY --from=engines --chown=1000:1000 /app/dist ./dist
RUN mkdir -p /var/lib/isochron/artifacts /var/lib/isochron/data && chown -R 1000:1000 /var/lib/isochron
USER 1000:1000
CMD ["node", "dist/apps/worker/src/main.js"]

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/package.json ./
COPY --from=build --chown=node:node /app/prisma ./prisma
COPY --from=build --chown=node:node /app/dist ./dist
# Volumes that are mounted here take over its owner.
RUN mkdir -p /var/lib/isochron/artifacts /var/lib/isochron/data && chown -R node:node /var/lib/isochron
USER node
EXPOSE 3000
CMD ["node", "dist/apps/api/src/main.js"]

# The Firebreak worker. Debian, not Alpine: the Temporal SDK's core is a native library that is linked against
# glibc and does not load on musl.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY domain/ domain/
COPY workflows/ workflows/
COPY activities/ activities/
COPY integrations/ integrations/
COPY worker/ worker/
COPY client/ client/
COPY codec/ codec/
COPY drill/ drill/
COPY scripts/ scripts/
# Compiles to dist/ and bundles the workflows once, here, so that a worker starts without a compiler.
RUN npm run build && test -f dist/worker/main.js && test -f dist/workflow-bundle.js

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:20-bookworm-slim
# The slim image brings no certificate authorities. Node has its own, but the Temporal core uses the system's:
# without them no connection with TLS, Temporal Cloud's among them, can be made.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
# All of it belongs to root: the worker can read its own code but not change it.
COPY --from=dependencies /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
COPY package.json ./
COPY docker/healthcheck.mjs docker/
# A new volume takes over whose the folder is that it covers.
RUN install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/firebreak/ledger
# The image's own unprivileged user `node`, as a number, so that a platform can see that it is not root.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/docker/healthcheck.mjs"]
CMD ["node", "dist/worker/main.js"]

# The program of the Jobs, the migrations that it runs, and PostgreSQL's own programs, with which it makes and reads backups.
#
#   docker build --tag runner .
#   docker run --rm --read-only --env DATABASE_URL=... runner
#
# Where Docker Hub's limits are in the way: --build-arg REGISTRY=public.ecr.aws/docker/library
ARG REGISTRY=docker.io/library
# The Node of package.json. A tag can be moved; a digest cannot. To pin one, ask the registry and append it:
#   docker buildx imagetools inspect node:24.21.0-bookworm-slim --format '{{.Manifest.Digest}}'
#   ARG NODE=node:24.21.0-bookworm-slim@sha256:<64 digits>
ARG NODE=node:24.21.0-bookworm-slim

FROM ${REGISTRY}/${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No scripts of packages run; esbuild, which makes the bundle, works without its own
RUN npm ci --ignore-scripts
COPY serverless.yml ./
COPY lib lib
COPY runner runner
RUN node runner/build.ts /build/image

FROM ${REGISTRY}/${NODE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="carthub-db-runner" \
      org.opencontainers.image.description="Applies Carthub's migrations to PostgreSQL and makes its backups, inside Kubernetes Jobs" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"
# pg_dump of the server's major version, no other: an older one refuses the server, a newer one writes what it cannot read. Debian 12
# has PostgreSQL 15 itself, under the base image's own keys; a minor version that is pinned would be gone with the next fix.
RUN apt-get update -q && apt-get install -q -y --no-install-recommends 'postgresql-client-15=15.*' && rm -rf /var/lib/apt/lists/*
# Nothing installs anything after this, and what is not there needs no patch
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
           /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
ENV NODE_ENV=production
WORKDIR /app
# Owned by root and only read: the program cannot change itself
COPY --from=build /build/image/ ./
COPY migrations migrations
# By number, so that Kubernetes can see that it is not root; the Job's manifest names the same
USER 1000:1000
ENTRYPOINT ["node", "runner.cjs"]
CMD ["migrate"]

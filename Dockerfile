# syntax=docker/dockerfile:1

# ── the tools, as src/toolchain/tool-table.ts pins them ──────────────────────────────────────────────────────────────
FROM golang:1.26-bookworm AS tools
ENV CGO_ENABLED=0 GOBIN=/out
RUN go install -trimpath sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
RUN go install -trimpath github.com/sigstore/cosign/v3/cmd/cosign@v3.1.2

# ── the program, built; packages without those that only build or test it ────────────────────────────────────────────
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
# The image has a Node 24 of its own: the packaged one (optional) stays behind.
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

# ── what runs ────────────────────────────────────────────────────────────────────────────────────────────────────────
FROM node:24-bookworm-slim
# tini reaps what a killed tool leaves behind; Node as process 1 would not.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=tools /out/kustomize /out/cosign /usr/local/bin/
WORKDIR /app
COPY --from=build /app/package.json /app/app.yml ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/fixtures ./fixtures
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/manifests ./manifests
RUN mkdir /data && chown node:node /data
USER 1000:1000
ENV NODE_ENV=production HOME=/tmp SLUICE_DATA_DIR=/data \
  SLUICE_KUSTOMIZE=/usr/local/bin/kustomize SLUICE_COSIGN=/usr/local/bin/cosign SLUICE_GIT=/usr/bin/git
EXPOSE 3000
VOLUME /data
ENTRYPOINT ["tini", "--", "node", "/app/dist/main.js"]
CMD ["serve"]

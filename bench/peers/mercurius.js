// Hushi's own schema on Mercurius, the natural way: loaders for every link, documents compiled by graphql-jit.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import { viewerOf } from "./database.js";
import * as rows from "./rows.js";
import { approve, submit } from "./steps.js";

const NOUNS = ["Nurse", "Registration", "RegistrationHistory", "Application", "ReviewDecision", "Institution", "Authority"];
const id = (noun) => ({ id: (row) => Buffer.from(`${noun}:${row.key}`).toString("base64") });
const keyOf = (globalId) => Buffer.from(globalId, "base64").toString().split(":")[1];
const placed = (cursor) => cursor && Buffer.from(cursor, "base64").toString().split("|");
const cursorOf = (row) => row && Buffer.from(row.place).toString("base64");

// Batches ask no more than the columns that are wanted, so they need to see the query: no cache of their own.
const batch = (load) => ({ loader: (queries, { viewer }) => load(queries, viewer), opts: { cache: false } });
const one = (noun, key) => batch((queries, viewer) => rows.ones(noun, queries, key, viewer));
const many = (noun) => batch((queries, viewer) => rows.manys(noun, queries, viewer));

function page(found, first, more = {}) {
  const nodes = found.slice(0, first);
  const pageInfo = { hasNextPage: found.length > first, endCursor: cursorOf(nodes.at(-1)) };
  return { nodes, pageInfo, ...more };
}

const resolvers = {
  Query: {
    nurse: async (_, args, { viewer }, info) => (await rows.nurse(viewer, keyOf(args.id), info))[0] ?? null,
    async nurses(_, { first, after }, { viewer }, info) {
      return page(await rows.roster(viewer, first, placed(after), info), first);
    },
    async pendingReviews(_, { first, after }, { viewer }, info) {
      const [found, totalCount, feedCursor] = await Promise.all([
        rows.queue(viewer, first, placed(after), info), rows.waiting(viewer), rows.stand(viewer)]);
      return page(found, first, { totalCount, feedCursor });
    },
  },
  Mutation: {
    applicationSubmit: (_, { input }, context) => taken("ApplicationSubmitPayload", submit(input, context)),
    applicationApprove: (_, { input }, context) => taken("ApplicationApprovePayload", approve(input, context)),
  },
  ApplicationSubmitPayload: { application: (payload, _, context, info) => rows.application(payload.applicationKey, info) },
  ApplicationApprovePayload: { application: (payload, _, context, info) => rows.application(payload.applicationKey, info) },
  ApplicationSubmitResult: { resolveType: (result) => result.__typename },
  ApplicationApproveResult: { resolveType: (result) => result.__typename },
  ...Object.fromEntries(NOUNS.map((noun) => [noun, id(noun)])),
};

const taken = async (typeName, done) => ({ __typename: typeName, ...(await done) });

const loaders = {
  Nurse: { registration: one("Registration", "key"), applications: many("Application") },
  Registration: {
    institution: one("Institution", "institutionId"),
    authority: one("Authority", "authorityId"),
    history: many("RegistrationHistory"),
  },
  RegistrationHistory: { institution: one("Institution", "institutionId"), authority: one("Authority", "authorityId") },
  Application: { nurse: batch(rows.nursesOf), decisions: many("ReviewDecision"), revisions: many("ApplicationRevision") },
};

const app = Fastify();
app.register(mercurius, {
  schema: readFileSync(process.env.SCHEMA, "utf8"),
  resolvers,
  loaders,
  jit: 1,
  async context(request) {
    const { authorization } = request.headers;
    return { authorization, viewer: await viewerOf(authorization) };
  },
});
console.log(`${await app.listen({ port: 0, host: "127.0.0.1" })}/graphql`);

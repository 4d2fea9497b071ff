// PostGraphile's Amber preset over the same tables, as it comes; the caller is looked up for every request.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { pool, viewerOf } from "./database.js";

// PostGraphile 5.1 asks for Node 22; all that Node 20 lacks for it is this.
Promise.withResolvers ??= function withResolvers() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const preset = {
  extends: [PostGraphileAmberPreset],
  // The queue is asked for by its state and its time, which are no first columns of an index.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: {
    explain: false,
    async context({ node }) {
      const viewer = await viewerOf(node.req.headers.authorization);
      if (!viewer) throw new Error("Not signed in.");
      return { viewer };
    },
  },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));

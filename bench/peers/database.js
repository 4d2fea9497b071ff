// What both peers share: the pool, and who is asking. The same look-up as Hushi's, kept for the same second.
import { createHash } from "node:crypto";
import pg from "pg";

const DATE = 1082, TIMESTAMPTZ = 1184;
// As PostgreSQL prints them: to make Date objects, and text of them again, would only cost the peers time.
for (const type of [DATE, TIMESTAMPTZ]) pg.types.setTypeParser(type, (text) => text);

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  options: "-c role=hushi_app -c timezone=Asia/Shanghai -c jit=off -c statement_timeout=3000",
});

const VIEWER = `
  select s.expires_at, a.id, a.party, a.state, a.roles, a.display_name,
    coalesce(a.nurse_id, a.institution_id, a.authority_id) as party_id, u.path
  from session s join account a on a.id = s.account_id
  left join authority u on u.id = a.authority_id left join institution i on i.id = a.institution_id
  where s.revoked_at is null and s.expires_at > now() and a.state in ('ACTIVE', 'INACTIVE')
    and (i.state is null or i.state <> 'CLOSED') and s.token_hash = $1`;

const KEPT_MILLISECONDS = 1000;
const kept = new Map();

export const digest = (authorization) => createHash("sha256").update(authorization.slice("Bearer ".length)).digest();

// The signed-in account behind an Authorization header; null for nobody.
export async function viewerOf(authorization) {
  const known = kept.get(authorization);
  if (known && performance.now() - known.at < KEPT_MILLISECONDS) return known.viewer;
  const viewer = await viewerNow(pool, digest(authorization));
  kept.set(authorization, { viewer, at: performance.now() });
  return viewer;
}

// The same, asked of the database now; in a transaction the session is held until its end.
export async function viewerNow(client, hash, hold = "") {
  const { rows } = await client.query({ name: `viewer${hold}`, text: VIEWER + hold, values: [hash] });
  return rows[0] ?? null;
}

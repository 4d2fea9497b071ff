// The peer's reads: one statement a field, batched by mercurius' loaders, each under the viewer's own WHERE.
import { getNamedType, isLeafType } from "graphql";
import { pool } from "./database.js";

const fetch = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const STANDING = `
  case when r.status <> 'VALID' then r.status when r.valid_until < current_date then 'EXPIRED'
    when s.suspended then 'SUSPENDED' when r.valid_until - current_date <= 90 then 'EXPIRING' else 'VALID' end`;
const SUSPENDED = `
  cross join lateral (select exists (select from registration_span p where p.nurse_id = r.nurse_id
    and p.kind = 'SUSPENSION' and p.starts_on <= current_date
    and (p.ends_on is null or p.ends_on >= current_date)) as suspended) s`;

const GRANTED = `exists (select from application g where g.nurse_id = r.nurse_id and g.kind = 'RENEWAL'
  and g.state in ('AUTHORITY_INTAKE', 'ACCEPTED') and g.forwarded_at::date <= r.valid_until - 30)`;
const DISPUTED = `exists (select from application d where d.nurse_id = r.nurse_id and d.kind = 'DEREGISTRATION'
  and d.state in ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED')
  and d.objection is not null)`;

const COLUMNS = {
  age: "date_part('year', age(current_date, n.birth_date))::int",
  standing: STANDING,
  mayPractise: `r.status = 'VALID' and not s.suspended and (r.valid_until >= current_date or ${GRANTED})
    and r.institution_id is not null`,
  disputed: DISPUTED,
};
const LINKS = { Registration: ["institutionId", "authorityId"], RegistrationHistory: ["institutionId", "authorityId"],
  Application: ["nurseId"] };
const KEYS = { Registration: "nurseId", ApplicationRevision: "applicationId" };
const HELD_COLUMNS = `
  select table_name || '.' || column_name as name from information_schema.columns where table_schema = current_schema()`;
// What a type shows and no table of its own holds (computed, or of another row) is Hushi's alone: the peer is spared it.
const HELD = new Set((await fetch("held", HELD_COLUMNS, [])).map((row) => row.name));
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// The select list of a field, made once a document. A loader sees no selection, so the natural one has every column
// that the type shows; the tuned peer (COLUMNS=asked) looks at the query and reads what is wanted, no more.
const lists = new WeakMap();
let made = 0;
function columns(noun, alias, info, ...path) {
  const [node] = info.fieldNodes;
  if (!lists.has(node)) lists.set(node, selectList(noun, alias, path.reduce(below, node), info.schema.getType(noun)));
  return lists.get(node);
}
const below = (node, name) => node.selectionSet.selections.find((one) => one.name.value === name);

function selectList(noun, alias, node, type) {
  const asked = new Set(node.selectionSet.selections.map((one) => one.name.value));
  const plain = Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type)) && !field.args.length);
  const shown = plain.map((field) => field.name)
    .filter((name) => name !== "id" && (name in COLUMNS || HELD.has(`${snake(noun).slice(1)}.${snake(name)}`)));
  const names = process.env.COLUMNS === "asked" ? shown.filter((name) => asked.has(name)) : shown;
  const list = [...names, ...(LINKS[noun] ?? [])].map((name) => `${COLUMNS[name] ?? `${alias}.${snake(name)}`} as "${name}"`);
  return { text: [`${alias}.${snake(KEYS[noun] ?? "id")} as key`, ...list].join(", "), name: `${noun} ${++made}` };
}

const NURSES = `nurse n join registration r on r.nurse_id = n.id where r.institution_id = $1`;

export function nurse(viewer, key, info) {
  const { text, name } = columns("Nurse", "n", info);
  return fetch(`nurse ${name}`, `select ${text} from ${NURSES} and n.id = $2`, [viewer.party_id, key]);
}

export function roster(viewer, first, after, info) {
  const { text, name } = columns("Nurse", "n", info, "nodes");
  const place = "r.valid_until::text || '|' || r.nurse_id as place";
  const from = after ? "and (r.valid_until, r.nurse_id) > ($3, $4)" : "";
  const sql = `select ${text}, ${place} from ${NURSES} ${from} order by r.valid_until, r.nurse_id limit $2`;
  return fetch(`roster ${after ? "on" : ""} ${name}`, sql, [viewer.party_id, first + 1, ...(after ?? [])]);
}

export function queue(viewer, first, after, info) {
  const { text, name } = columns("Application", "a", info, "nodes");
  const from = after ? "and (a.queued_at, a.id) > ($3, $4)" : "";
  const sql = `select ${text}, a.queued_at || '|' || a.id as place from application a
    where a.institution_id = $1 and a.state in ('INSTITUTION_REVIEW') ${from} order by a.queued_at, a.id limit $2`;
  return fetch(`queue ${after ? "on" : ""} ${name}`, sql, [viewer.party_id, first + 1, ...(after ?? [])]);
}

export async function stand(viewer) {
  const [row] = await fetch("stand", "select seq from feed_scope where scope = $1", [viewer.party_id]);
  return `${viewer.party_id}:${row?.seq ?? 0}`;
}

export async function waiting(viewer) {
  const limited = "select id from application where institution_id = $1 and state in ('INSTITUTION_REVIEW') limit 10001";
  const [row] = await fetch("waiting", `select count(*)::int as total from (${limited}) x`, [viewer.party_id]);
  return row.total;
}

// After a step, by whoever took it.
export async function application(key, info) {
  const { text, name } = columns("Application", "a", info);
  return (await fetch(`application ${name}`, `select ${text} from application a where a.id = $1`, [key]))[0];
}

// One row for each key of the batch, or null.
export async function ones(noun, queries, key, viewer) {
  const { text, name } = columns(noun, "r", queries[0].info);
  const { from, key: column, scoped } = ONE[noun];
  const keys = [...new Set(queries.map(({ obj }) => obj[key]))];
  const sql = `select ${text} from ${from} where ${column} = any($1::uuid[]) ${scoped ? "and r.institution_id = $2" : ""}`;
  const rows = await fetch(`ones ${name}`, sql, scoped ? [keys, viewer.party_id] : [keys]);
  const found = new Map(rows.map((row) => [row.key, row]));
  return queries.map(({ obj }) => found.get(obj[key]) ?? null);
}
const ONE = {
  Registration: { from: `registration r ${SUSPENDED}`, key: "r.nurse_id", scoped: true },
  Institution: { from: "institution r", key: "r.id" },
  Authority: { from: "authority r", key: "r.id" },
};

// Registered here, or somebody whose open application waits here: who changes comes from elsewhere.
const REVIEWED = `nurse n where (exists (select from registration r where r.nurse_id = n.id and r.institution_id = $1)
  or exists (select from application a where a.nurse_id = n.id and a.institution_id = $1 and a.state in
    ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED')))`;

export async function nursesOf(queries, viewer) {
  const { text, name } = columns("Nurse", "n", queries[0].info);
  const keys = queries.map(({ obj }) => obj.nurseId);
  const sql = `select ${text} from ${REVIEWED} and n.id = any($2::uuid[])`;
  const found = new Map((await fetch(`nursesOf ${name}`, sql, [viewer.party_id, keys])).map((row) => [row.key, row]));
  return keys.map((key) => found.get(key) ?? null);
}

// The newest rows of each owner in the batch.
export async function manys(noun, queries, viewer) {
  const { text, name } = columns(noun, "r", queries[0].info);
  const { from, owner, order, scope } = MANY[noun];
  const keys = queries.map(({ obj }) => obj.key);
  const sql = `select k.id as owner, m.* from unnest($1::uuid[]) k(id) cross join lateral (
    select ${text} from ${from} where r.${owner} = k.id and ${scope} order by r.${order} desc limit $3) m`;
  const rows = await fetch(`manys ${name}`, sql, [keys, viewer.party_id, queries[0].params.first]);
  const found = new Map(keys.map((key) => [key, []]));
  for (const row of rows) found.get(row.owner).push(row);
  return keys.map((key) => found.get(key));
}
const MINE = "exists (select from application a where a.id = r.application_id and a.institution_id = $2)";
const MANY = {
  Application: { from: "application r", owner: "nurse_id", order: "id", scope: "r.institution_id = $2 and r.state <> 'DRAFT'" },
  RegistrationHistory: { from: "registration_history r", owner: "nurse_id", order: "id",
    scope: "exists (select from registration g where g.nurse_id = r.nurse_id and g.institution_id = $2)" },
  ReviewDecision: { from: "review_decision r", owner: "application_id", order: "id",
    scope: `${MINE} and not (r.stage = 'AUTHORITY_REVIEW' and r.outcome in ('AGREED', 'REFUSED'))` },
  ApplicationRevision: { from: "application_revision r", owner: "application_id", order: "revision", scope: MINE },
};

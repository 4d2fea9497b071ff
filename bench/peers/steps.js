// The peer's two mutations: the same locks, checks, rows and events in one transaction as Hushi's.
import { v7 as uuidv7 } from "./uuid.js";
import { digest, pool, viewerNow } from "./database.js";

const LOCKED = `
  select a.*, u.two_persons from application a left join authority u on u.id = a.authority_id
  where a.id = $1 for update of a`;
const ENTRY = `
  select r.*, r.valid_until - current_date as days_left, n.name, n.id_number_masked,
    coalesce(u.renewal_window_days, 90) as window_days, current_date as today, now() as now,
    r.valid_until + interval '5 years' as renewed_until,
    exists (select from registration_span p where p.nurse_id = r.nurse_id and p.kind = 'SUSPENSION'
      and p.starts_on <= current_date and (p.ends_on is null or p.ends_on >= current_date)) as suspended
  from registration r join nurse n on n.id = r.nurse_id left join authority u on u.id = r.authority_id
  where r.nurse_id = $1 for update of n, r`;
const OTHERS = `
  select kind from application where nurse_id = $1 and id <> $2
    and state in ('ACCEPTED', 'AUTHORITY_INTAKE', 'CORRECTION_REQUIRED', 'INSTITUTION_REVIEW', 'RETURNED')`;
const REVISION = `
  insert into application_revision (application_id, revision, form, changed_fields, account_id, at)
  values ($1, $2, $3, '{}', $4, now())`;
const SUBMITTED = `
  update application set state = 'INSTITUTION_REVIEW', version = version + 1, moved_by = $2, moved_at = now(),
    holder_id = null, held_until = null, institution_id = $3, certificate_number = $4, submitted_at = now(),
    queued_at = now(), form = $5, revision = $6, marked_fields = '{}' where id = $1`;
const DECISION = `
  insert into review_decision (application_id, revision, stage, outcome, decider_id, at)
  values ($1, $2, 'AUTHORITY_DECISION', 'AGREED', $3, now())`;
const RENEWED = `
  update registration set valid_until = $2, last_kind = 'RENEWAL', version = version + 1 where nurse_id = $1`;
const HISTORY = `
  insert into registration_history
    (nurse_id, at, status, certificate_number, valid_until, institution_id, authority_id, kind, application_id, account_id)
  values ($1, now(), 'VALID', $2, $3, $4, $5, 'RENEWAL', $6, $7)`;
const RECORD = "update nurse set health_status = $2, department = $3, title = $4 where id = $1";
const APPROVED = `
  update application set state = 'APPROVED', version = version + 1, moved_by = $2, moved_at = now(),
    holder_id = null, held_until = null, decided_at = now() where id = $1`;
const EVENTS = `
  with told as (
    select * from jsonb_to_recordset($1::jsonb)
      as t(n int, scope uuid, id uuid, type text, application_id uuid, account_id uuid, queue text, body jsonb)
  ), counted as (
    insert into feed_scope (scope, seq) select scope, count(*) from told group by scope order by scope
    on conflict (scope) do update set seq = feed_scope.seq + excluded.seq
    returning scope, seq
  )
  insert into event (scope, seq, at, id, type, application_id, account_id, queue, body)
  select t.scope, c.seq + 1 - row_number() over (partition by t.scope order by t.n desc),
    now(), t.id, t.type, t.application_id, t.account_id, t.queue, t.body
  from told t join counted c using (scope)`;
const WAKE = "select pg_notify('feed', $1)";

class Refusal extends Error {
  constructor(type, more = {}) {
    super(type);
    this.problem = { __typename: type, code: type, message: type, ...more };
  }
}

export const submit = (input, context) => step(input, context, "DRAFT", async (client, viewer, application) => {
  if (application.nurse_id !== viewer.party_id) throw new Refusal("NotFoundProblem");
  const entry = await entryOf(client, application);
  requireEligible(entry, await others(client, application));
  const form = JSON.stringify(application.form), revision = application.revision + 1;
  await run(client, "revision", REVISION, [application.id, revision, form, viewer.id]);
  await run(client, "submitted", SUBMITTED,
    [application.id, viewer.id, entry.institution_id, entry.certificate_number, form, revision]);
  const heard = { [application.nurse_id]: null, [entry.institution_id]: "ADDED" };
  return { heard, type: "ApplicationSubmitted", step: "SUBMIT", to: "INSTITUTION_REVIEW" };
});

export const approve = (input, context) => step(input, context, "ACCEPTED", async (client, viewer, application) => {
  if (application.authority_id !== viewer.party_id) throw new Refusal("NotFoundProblem");
  if (!viewer.roles.includes("DECIDER")) throw new Refusal("NotAllowedProblem");
  if (application.two_persons && application.recommender_id === viewer.id) throw new Refusal("NotAllowedProblem");
  const entry = await entryOf(client, application), { id, form } = application;
  requireEligible(entry, await others(client, application));
  await run(client, "decision", DECISION, [id, application.revision, viewer.id]);
  await run(client, "renewed", RENEWED, [entry.nurse_id, entry.renewed_until]);
  await run(client, "history", HISTORY, [entry.nurse_id, entry.certificate_number, entry.renewed_until,
    entry.institution_id, entry.authority_id, id, viewer.id]);
  await run(client, "record", RECORD, [entry.nurse_id, form.healthStatus, form.department, form.title]);
  await run(client, "approved", APPROVED, [id, viewer.id]);
  const heard = { [application.nurse_id]: null, [application.institution_id]: null, [viewer.party_id]: "REMOVED" };
  return { heard, type: "ApplicationDecided", step: "APPROVE", to: "APPROVED", outcome: "AGREED" };
});

// One transaction around a step; the problem of a refusal, or the payload.
async function step(input, context, state, take) {
  const client = await pool.connect(), key = Buffer.from(input.id, "base64").toString().split(":")[1];
  try {
    await client.query("begin");
    const told = await locked(client, context, key, input.expectedVersion, state, take);
    await client.query("commit");
    await run(client, "wake", WAKE, [`peer ${Object.keys(told.heard).join(" ")}`]);
    return { applicationKey: key };
  } catch (error) {
    await client.query("rollback");
    if (error instanceof Refusal) return error.problem;
    throw error;
  } finally {
    client.release();
  }
}

async function locked(client, context, key, expectedVersion, state, take) {
  const viewer = await viewerNow(client, digest(context.authorization), " for share of s");
  if (!viewer) throw new Refusal("NotAllowedProblem");
  const application = await one(client, "locked", LOCKED, [key]);
  if (!application) throw new Refusal("NotFoundProblem");
  if (application.version !== expectedVersion) throw new Refusal("ConflictProblem", { currentVersion: application.version });
  if (application.state !== state) throw new Refusal("WrongStateProblem", { state: application.state });
  const told = await take(client, viewer, application);
  await run(client, "events", EVENTS, [JSON.stringify(events(application, viewer, told))]);
  return told;
}

function events(application, viewer, { heard, type, step: name, to, outcome }) {
  const body = { step: name, from: application.state, to, version: application.version + 1, by: viewer.party, outcome };
  const same = { id: uuidv7(), type, application_id: application.id, account_id: viewer.id, body };
  return Object.entries(heard).map(([scope, queue], n) => ({ n, scope, queue, ...same }));
}

function requireEligible(entry, open) {
  const fits = entry.status === "VALID" && entry.days_left >= 0 && entry.days_left <= entry.window_days;
  if (!fits || entry.suspended || !entry.institution_id) throw new Refusal("ValidationProblem", { fields: [] });
  if (open.some(({ kind }) => kind !== "CHANGE")) throw new Refusal("ValidationProblem", { fields: [] });
}

const run = (client, name, text, values) => client.query({ name, text, values });
const one = async (...statement) => (await run(...statement)).rows[0];
const entryOf = (client, application) => one(client, "entry", ENTRY, [application.nurse_id]);
const others = async (client, { nurse_id, id }) => (await run(client, "others", OTHERS, [nurse_id, id])).rows;

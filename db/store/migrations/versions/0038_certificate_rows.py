"""A certificate for everybody on the register, why one is void, the token of its public page; the keys that sign."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# Whoever was registered before the system has no row of her certificate: it is made of her entry, void where that has
# ended, with a serial after those of her number that are known. A registration that began again has another number.
BACKFILL = """
insert into certificate (nurse_id, number, serial, issued_on, authority_id, voided_at, void_reason)
select r.nurse_id, r.certificate_number, r.certificate_number || '-' || coalesce(known.nth, 0) + 1,
  coalesce(given.issued_on, r.first_registered_on, r.valid_until - interval '5 years'), r.authority_id,
  case r.status when 'DEREGISTERED' then coalesce(ended.at, now()) end,
  case r.status when 'DEREGISTERED' then
    case r.deregistration_reason when 'LICENCE_REVOKED' then 'LICENCE_REVOKED' else 'DEREGISTERED' end end
from registration r
left join (
  select nurse_id, number, max(substring(serial from '[0-9]+$')::integer) as nth, bool_or(voided_at is null) as current
  from certificate group by nurse_id, number
) known on known.nurse_id = r.nurse_id and known.number = r.certificate_number
left join (
  select nurse_id, max((at at time zone 'Asia/Shanghai')::date) as issued_on from registration_history
  where kind = 'REREGISTRATION' and status = 'VALID' group by nurse_id
) given on given.nurse_id = r.nurse_id
left join (
  select nurse_id, max(at) as at from registration_history where status = 'DEREGISTERED' group by nurse_id
) ended on ended.nurse_id = r.nurse_id
where (r.status = 'VALID' and known.current is not true) or (r.status = 'DEREGISTERED' and known.nth is null)
order by r.nurse_id
"""
# Why those that are void are: a serial that has followed, or how the registration stands.
WHY = """
update certificate c set void_reason = case
  when exists (select from certificate later where later.nurse_id = c.nurse_id and later.number = c.number
    and later.id > c.id) then 'REISSUED'
  when exists (select from certificate later where later.nurse_id = c.nurse_id and later.id > c.id
    and later.issued_on = (c.voided_at at time zone 'Asia/Shanghai')::date) then 'REREGISTERED'
  when r.deregistration_reason = 'LICENCE_REVOKED' then 'LICENCE_REVOKED'
  else 'DEREGISTERED' end
from registration r where r.nurse_id = c.nurse_id and c.voided_at is not null and c.void_reason is null
"""
# An earlier release has written a re-issue (补办) as the business before it.
HISTORY = """
update registration_history h set kind = 'REISSUE' from application a
where a.id = h.application_id and a.kind = 'REISSUE' and h.kind is not null and h.kind <> 'REISSUE'
"""
LAST_KIND = """
update registration r set last_kind = 'REISSUE', version = version + 1 from (
  select distinct on (nurse_id) nurse_id, kind from registration_history h where kind is not null
    and nurse_id in (select nurse_id from registration_history where kind = 'REISSUE')
  order by nurse_id, id desc
) latest where latest.nurse_id = r.nurse_id and latest.kind = 'REISSUE' and r.last_kind is distinct from 'REISSUE'
"""


def upgrade() -> None:
    """The way there."""
    op.execute(
        'ALTER TABLE certificate ADD COLUMN void_reason TEXT COLLATE "C" CONSTRAINT certificate_void_reason CHECK'
        " (void_reason in ('DEREGISTERED', 'LICENCE_REVOKED', 'REISSUED', 'REREGISTERED')),"
        " ADD COLUMN token BYTEA NOT NULL"
        " DEFAULT substr(sha256((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))), 1, 16),"
        " ADD CONSTRAINT certificate_void CHECK (void_reason is null or voided_at is not null),"
        " ADD CONSTRAINT certificate_token CHECK (octet_length(token) = 16)"
    )
    op.execute(BACKFILL)
    op.execute(WHY)
    op.execute("ALTER TABLE certificate ADD CONSTRAINT certificate_token_key UNIQUE (token)")
    op.execute(HISTORY)
    op.execute(LAST_KIND)
    op.execute("""
CREATE TABLE signing_key (
  id TEXT COLLATE "C" NOT NULL CONSTRAINT signing_key_id CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
  public_key BYTEA NOT NULL,
  active_from TIMESTAMP WITH TIME ZONE NOT NULL,
  retired_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT signing_key_pkey PRIMARY KEY (id),
  CONSTRAINT signing_key_public_key CHECK (octet_length(public_key) = 32),
  CONSTRAINT signing_key_order CHECK (retired_at >= active_from),
  CONSTRAINT signing_key_public_key_key UNIQUE (public_key)
)
""")
    op.execute("GRANT select ON signing_key TO hushi_app")


def downgrade() -> None:
    """The way back: the certificates stay, as does what history says of a re-issue."""
    op.execute("DROP TABLE signing_key")
    op.execute("ALTER TABLE certificate DROP COLUMN token, DROP COLUMN void_reason")

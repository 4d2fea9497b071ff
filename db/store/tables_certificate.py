"""The tables of certificates: their serials, the counters of their numbers, their blanks, the keys that sign."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from db.store.columns import KEY, NOW, at_time, metadata, new_id, one_of, row_version, to
from rules.certificate import CertificateVoidReason
from rules.certificate_blank import SpoilReason
from rules.hand_out import Collector

NEW_TOKEN = text("substr(sha256((uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))), 1, 16)")
"""16 bytes of chance, more than a UUID has."""

certificate = Table(
    "certificate",
    metadata,
    new_id(),
    to("nurse"),
    Column("number", KEY, nullable=False),
    Column("serial", KEY, nullable=False, unique=True),
    Column("issued_on", Date, nullable=False),
    to("authority"),
    to("application", nullable=True),
    at_time("voided_at"),
    one_of("void_reason", CertificateVoidReason, nullable=True),
    # By which the public page of this serial is found (核验码); another one ends it.
    Column("token", LargeBinary, nullable=False, unique=True, server_default=NEW_TOKEN),
    CheckConstraint("void_reason is null or voided_at is not null", name="void"),
    CheckConstraint("octet_length(token) = 16", name="token"),
    Index("certificate_nurse_id", "nurse_id", "id"),
    Index("certificate_in_force", "nurse_id", unique=True, postgresql_where=text("voided_at is null")),
)

certificate_counter = Table(
    "certificate_counter",
    metadata,
    to("authority"),
    Column("year", SmallInteger, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("authority_id", "year"),
)

certificate_blank = Table(
    "certificate_blank",
    metadata,
    new_id(),
    row_version("certificate_blank"),
    # As it is printed on the form; one form in the whole country.
    Column(
        "number",
        KEY,
        CheckConstraint("number ~ '^[^0-9]{0,6}[0-9]{4,12}$'", name="number"),
        nullable=False,
        unique=True,
    ),
    # Whose stock it is in.
    to("authority"),
    to("account", "received_by"),
    at_time("received_at", False, server_default=NOW),
    # The certificate that it bears; of a spoiled one, which it was to bear.
    to("certificate", nullable=True),
    to("account", "printed_by", nullable=True),
    at_time("printed_at"),
    one_of("spoil_reason", SpoilReason, nullable=True),
    Column("spoil_note", Text),
    to("account", "spoiled_by", nullable=True),
    at_time("spoiled_at"),
    one_of("collector", Collector, nullable=True),
    Column("proxy_name", Text),
    Column("proxy_document_last4", KEY),
    Column("postal_number", Text),
    to("account", "handed_out_by", nullable=True),
    at_time("handed_out_at"),
    CheckConstraint(
        "(certificate_id is null) = (printed_at is null) and (printed_at is null) = (printed_by is null)",
        name="printed",
    ),
    CheckConstraint(
        "(spoil_reason is null) = (spoiled_at is null) and (spoiled_at is null) = (spoiled_by is null)",
        name="spoiled",
    ),
    CheckConstraint("spoil_reason is distinct from 'OTHER' or spoil_note is not null", name="said"),
    CheckConstraint(
        "(collector is null) = (handed_out_at is null) and (handed_out_at is null) = (handed_out_by is null)",
        name="handed_out",
    ),
    # What was taken bears a certificate, and is spoiled no more.
    CheckConstraint("handed_out_at is null or (printed_at is not null and spoiled_at is null)", name="taken"),
    CheckConstraint(
        "(collector is not distinct from 'PROXY') = (proxy_name is not null)"
        " and (proxy_name is null) = (proxy_document_last4 is null)",
        name="proxy",
    ),
    CheckConstraint("(collector is not distinct from 'POST') = (postal_number is not null)", name="posted"),
    # A certificate is on one blank that is not spoiled; that a blank has one certificate says the trigger.
    Index("certificate_blank_live", "certificate_id", unique=True, postgresql_where=text("spoiled_at is null")),
    Index("certificate_blank_authority_id", "authority_id", "number"),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("id", KEY, CheckConstraint("id ~ '^[A-Za-z0-9_-]{1,32}$'", name="id"), primary_key=True),
    # Ed25519; who holds the other half signs.
    Column("public_key", LargeBinary, nullable=False, unique=True),
    at_time("active_from", False),
    at_time("retired_at"),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    CheckConstraint("retired_at >= active_from", name="order"),
)

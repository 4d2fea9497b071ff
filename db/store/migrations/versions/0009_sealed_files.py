"""Files are sealed: a row has an id of its own, and the digest of its content is known to the holders of the keys."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What is there stays in clear until a server, which has the keys, has sealed it (db/blob.py).
UP = (
    "ALTER TABLE material DROP CONSTRAINT material_sha256_fkey",
    "ALTER TABLE nurse DROP CONSTRAINT nurse_photo_sha256_fkey",
    "ALTER TABLE blob DROP CONSTRAINT blob_pkey, DROP CONSTRAINT blob_sha256, DROP CONSTRAINT blob_size",
    "ALTER TABLE blob ADD COLUMN id UUID DEFAULT uuidv7() NOT NULL CONSTRAINT blob_pkey PRIMARY KEY",
    "ALTER TABLE blob ADD COLUMN content_index BYTEA CONSTRAINT blob_content_index_key UNIQUE",
    'ALTER TABLE blob ADD COLUMN content_key_id TEXT COLLATE "C"',
    "ALTER TABLE blob ADD COLUMN content_sealed BYTEA"
    " CONSTRAINT blob_size CHECK (octet_length(content_sealed) <= 5242908)",
    "ALTER TABLE blob RENAME COLUMN content TO plain",
    "ALTER TABLE blob ALTER COLUMN plain DROP NOT NULL",
    "ALTER TABLE blob ADD CONSTRAINT blob_sealed CHECK ((plain is null) = all(array["
    "content_index is not null, content_key_id is not null, content_sealed is not null]))",
    "CREATE INDEX blob_plain ON blob (id) WHERE plain is not null",
    "ALTER TABLE material ADD COLUMN blob_id UUID",
    "UPDATE material SET blob_id = blob.id FROM blob WHERE blob.sha256 = material.sha256",
    "ALTER TABLE material ALTER COLUMN blob_id SET NOT NULL, DROP COLUMN sha256",
    "ALTER TABLE material ADD CONSTRAINT material_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES blob (id)",
    "ALTER TABLE nurse ADD COLUMN photo_id UUID",
    "UPDATE nurse SET photo_id = blob.id FROM blob WHERE blob.sha256 = nurse.photo_sha256",
    "ALTER TABLE nurse DROP COLUMN photo_sha256",
    "ALTER TABLE nurse ADD CONSTRAINT nurse_photo_id_fkey FOREIGN KEY (photo_id) REFERENCES blob (id)",
    "ALTER TABLE blob DROP COLUMN sha256",
)
DOWN = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM blob WHERE plain IS NULL) THEN RAISE EXCEPTION"
    " 'files are sealed, and only a server with the keys opens them: there is no way back'; END IF; END $$",
    "ALTER TABLE blob ADD COLUMN sha256 BYTEA",
    "UPDATE blob SET sha256 = sha256(plain)",
    "ALTER TABLE material DROP CONSTRAINT material_blob_id_fkey",
    "ALTER TABLE material ADD COLUMN sha256 BYTEA",
    "UPDATE material SET sha256 = blob.sha256 FROM blob WHERE blob.id = material.blob_id",
    "ALTER TABLE material ALTER COLUMN sha256 SET NOT NULL, DROP COLUMN blob_id",
    "ALTER TABLE nurse DROP CONSTRAINT nurse_photo_id_fkey",
    "ALTER TABLE nurse ADD COLUMN photo_sha256 BYTEA",
    "UPDATE nurse SET photo_sha256 = blob.sha256 FROM blob WHERE blob.id = nurse.photo_id",
    "ALTER TABLE nurse DROP COLUMN photo_id",
    "DROP INDEX blob_plain",
    "ALTER TABLE blob DROP CONSTRAINT blob_sealed, DROP CONSTRAINT blob_pkey, DROP COLUMN id,"
    " DROP COLUMN content_index, DROP COLUMN content_key_id, DROP COLUMN content_sealed",
    "ALTER TABLE blob RENAME COLUMN plain TO content",
    "ALTER TABLE blob ALTER COLUMN content SET NOT NULL, ADD CONSTRAINT blob_pkey PRIMARY KEY (sha256),"
    " ADD CONSTRAINT blob_size CHECK (octet_length(content) <= 5242880),"
    " ADD CONSTRAINT blob_sha256 CHECK (sha256 = sha256(content))",
    "ALTER TABLE material ADD CONSTRAINT material_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob (sha256)",
    "ALTER TABLE nurse ADD CONSTRAINT nurse_photo_sha256_fkey FOREIGN KEY (photo_sha256) REFERENCES blob (sha256)",
)


def upgrade() -> None:
    """Give each file an id, and what refers to it follows."""
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    """Go back to digests, while nothing is sealed."""
    for statement in DOWN:
        op.execute(statement)

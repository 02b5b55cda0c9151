"""Tables of identity."""

from sqlalchemy import Column, Index, MetaData, Table, text

from samovar.kernel.db import Blob, Count, Flag, Id, Json, Text, Time

META = MetaData()

ACCOUNT = Table(
    "identity_account",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("email_verified", Flag, nullable=False),
    Column("pending_email", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("otp_secret", Blob, nullable=True),
    Column("otp_pending", Blob, nullable=True),
    Column("otp_last_step", Count, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    # What moderators decided: "", "suspended" or "banned"; until when, 0 for good; where to read why.
    Column("standing", Text, nullable=False, server_default=""),
    Column("standing_until", Time, nullable=False, server_default="0"),
    Column("standing_notice", Text, nullable=False, server_default=""),
    Column("silenced", Flag, nullable=False, server_default=text("false")),
    Index("identity_account_username", "username_key", unique=True),
    Index("identity_account_email", "email_key", unique=True),
)

#: Names of deleted accounts, as keyed hashes, until they are free again.
RESERVED_NAME = Table(
    "identity_reserved_name",
    META,
    Column("name_hash", Text, primary_key=True),
    Column("until", Time, nullable=False),
    Index("identity_reserved_name_until", "until"),
)

SESSION = Table(
    "identity_session",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("browser", Flag, nullable=False),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("last_seen_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("ends_at", Time, nullable=False),
    Column("cookie_hash", Text, nullable=True),
    Column("family", Text, nullable=False),
    Column("refresh_number", Count, nullable=False),
    Column("refreshed_at", Time, nullable=False),
    Index("identity_session_cookie", "cookie_hash", unique=True),
    Index("identity_session_user", "user_id"),
    Index("identity_session_expires", "expires_at"),
)

#: Sessions ended before their time, for edges that hold access tokens of them.
REVOCATION = Table(
    "identity_revocation",
    META,
    Column("session_id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("at", Time, nullable=False),
    Index("identity_revocation_at", "at"),
)

#: Addresses, as keyed hashes, from which an account was signed in to.
KNOWN_ADDRESS = Table(
    "identity_known_address",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("address_hash", Text, primary_key=True),
    Column("last_at", Time, nullable=False),
    Index("identity_known_address_last", "last_at"),
)

RECOVERY_CODE = Table(
    "identity_recovery_code",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("code_hash", Text, primary_key=True),
)

#: What the tokens in letters stand for.
PROOF = Table(
    "identity_proof",
    META,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("expires_at", Time, nullable=False),
    Index("identity_proof_user", "user_id"),
    Index("identity_proof_expires", "expires_at"),
)

#: Letters not yet sent, sealed: they hold tokens and addresses.
LETTER = Table(
    "identity_letter",
    META,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("user_id", Id, nullable=False),
    Column("sealed", Blob, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("identity_letter_user", "user_id"),
    Index("identity_letter_created", "created_at"),
)

SIGNING_KEY = Table(
    "identity_signing_key",
    META,
    Column("kid", Text, primary_key=True),
    Column("jwk", Text, nullable=False),
    Column("sealed", Blob, nullable=False),
    Column("active_at", Time, nullable=False),
)

#: Tombstones of deleted accounts, kept so that a restored backup can be purged again.
ERASURE = Table(
    "identity_erasure",
    META,
    Column("user_id", Id, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("confirmed", Json, nullable=False),
    Column("done_at", Time, nullable=True),
    Index("identity_erasure_done", "done_at"),
)

#: Roles of the community's own: names with their permissions.
ROLE = Table(
    "identity_role",
    META,
    Column("name", Text, primary_key=True),
    Column("permissions", Json, nullable=False),
    Column("changed_at", Time, nullable=False),
)

#: Addresses of banned people, as keyed hashes: nobody registers with them again.
BANNED_EMAIL = Table(
    "identity_banned_email",
    META,
    Column("email_hash", Text, primary_key=True),
    Column("at", Time, nullable=False),
)

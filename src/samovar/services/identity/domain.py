"""Accounts, sessions, and the rules for names, addresses of the network, passwords and codes."""

import hmac
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from samovar.kernel.clock import DAY, SECOND

ACTIVE: Final = "active"
DELETED: Final = "deleted"
LOCALES: Final = ("en", "ru")

VERIFY: Final = "verify"
RESET: Final = "reset"

PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 256
OTP_STEP: Final = 30 * SECOND
RECOVERY_CODES: Final = 10
#: Without 0, 1, i, l, o, u: read aloud and typed without doubt.
RECOVERY_ALPHABET: Final = "23456789abcdefghjkmnpqrstvwxyz"
RECOVERY_LENGTH: Final = 12


class Account(NamedTuple):
    """One account, in the order of its columns."""

    id: int
    username: str
    email: str
    email_verified: bool
    pending_email: str
    locale: str
    roles: list[str]
    password_hash: str
    #: The secret in force and the one that waits to be proved, both sealed.
    otp_secret: bytes | None
    otp_pending: bytes | None
    #: The last step whose code was used, so that no code works twice.
    otp_last_step: int
    state: str
    created_at: int
    #: What moderators decided: "", "suspended" or "banned"; until when, 0 for good.
    standing: str = ""
    standing_until: int = 0
    #: Where the person reads why.
    standing_notice: str = ""
    #: Writes for followers alone.
    silenced: bool = False

    @property
    def otp_enabled(self) -> bool:
        return self.otp_secret is not None

    def kept_out(self, now: int) -> bool:
        """Suspended or banned at a time."""
        return bool(self.standing) and (self.standing_until == 0 or self.standing_until > now)


class Dossier(NamedTuple):
    """An account as staff see it."""

    account: Account
    sessions: int
    last_seen_at: int


class Role(NamedTuple):
    """A role: a name for permissions."""

    name: str
    permissions: Sequence[str]
    fixed: bool = False
    people: int = 0


class Session(NamedTuple):
    """A live session with what the edge asks of its account, in the order of the columns."""

    id: int
    user_id: int
    browser: bool
    device: str
    address: str
    created_at: int
    last_seen_at: int
    #: When it ends unless used; never after `ends_at`.
    expires_at: int
    #: When it ends at the latest.
    ends_at: int
    #: Random half of an app's refresh tokens, and the number of the one in force.
    family: str
    refresh_number: int
    refreshed_at: int
    username: str
    roles: list[str]
    state: str


class Proof(NamedTuple):
    """What the token of a letter stands for."""

    user_id: int
    purpose: str
    email: str
    expires_at: int


class Erasure(NamedTuple):
    """The tombstone of a deleted account: who, when, and who has confirmed."""

    user_id: int
    at: int
    confirmed: list[str]
    done_at: int | None


class Opened(NamedTuple):
    """A session just begun, with the proof that is shown once: a cookie's or a refresh token."""

    session: Session
    cookie_token: str
    refresh_token: str
    #: Older sessions that had to end for it.
    ended: list[int]


class Granted(NamedTuple):
    """What a person gets at sign-in."""

    account: Account
    codes_left: int
    session_id: int
    access_token: str
    refresh_token: str
    cookie_token: str
    expires_in: int


# Names

#: Names of pages and parts of the site, and of those who speak for it.
RESERVED_NAMES: Final = frozenset(
    """
    about abuse account accounts activity admin administrator all anonymous api app apps assets atom auth
    billing blog bookmarks bot calendar chat comments community compose contact cookies css dashboard
    deleted delete demo docs download edit email error event events everyone explore faq favicon feed
    feeds feedback files follow followers following forgot forum forums gif gifs graph group groups guest
    health help here home hostmaster html http https images imprint inbox index info invite item items
    javascript join js jwks legal likes list lists livez localhost login logout mail mailer me media
    members mention mentions messages metrics moderation moderator moderators name new news nobody nodeinfo
    null oauth official onboarding openapi order orders owner page pages passkey password payments people
    photo photos policy post postmaster posts privacy profile profiles proxy public reaction reactions
    readyz recipe recipes register report reports reset rest review reviews robots root rss rules samovar
    search security self server service session sessions settings share signin signout signup site sitemap
    sockets staff static statistics stats status statuses streaming styles support sysadmin system tag tags
    team terms test thread threads timeline timelines tos trending undefined unfollow upload uploads user
    username users validate verify video videos web webfinger webhook webhooks webmaster well_known
    widget www you
    """.split()  # noqa: SIM905 - a list of words reads best as a text
)
_USERNAME: Final = re.compile(r"[A-Za-z0-9_]{2,30}", re.ASCII)


def username_problem(username: str, *, reserved_too: bool = False) -> str | None:
    """Why a name can't be taken, or None. Operators may take reserved ones."""
    if not 2 <= len(username) <= 30:
        return "Use 2 to 30 characters."
    if not _USERNAME.fullmatch(username):
        return "Use Latin letters, digits and underscores only."
    if username.isdecimal():
        # A number in an address is an id.
        return "Use at least one letter or underscore."
    if not reserved_too and name_key(username) in RESERVED_NAMES:
        return "This name is kept for the site. Choose another one."
    return None


_ROLE: Final = re.compile(r"[a-z][a-z0-9-]{1,29}", re.ASCII)


def is_role_name(name: str) -> bool:
    return _ROLE.fullmatch(name) is not None


def name_key(username: str) -> str:
    """What makes a name unique: case doesn't."""
    return username.lower()


def locale_of(*wishes: str) -> str:
    """The first language that letters can be written in."""
    for wish in wishes:
        short = wish.lower().partition("-")[0].partition("_")[0]
        if short in LOCALES:
            return short
    return LOCALES[0]


def one_line(text: str, length: int) -> str:
    """A text from outside made fit for a list: one line without control and format characters."""
    kept = "".join(" " if char.isspace() else char for char in text[: length * 4])
    kept = "".join(char for char in kept if unicodedata.category(char)[0] != "C")
    return " ".join(kept.split())[:length]


# Passwords

#: The commonest passwords of eight and more characters, or what they are made of.
COMMON_PASSWORDS: Final = frozenset(
    """
    00000000 01234567 0123456789 11111111 111111111 1111111111 112233445566 11223344 12121212 123123123
    1234512345 12345678 123456789 1234567890 12345678910 123456789a 1234abcd 1234qwer 12341234 123qweasd
    147258369 159357159 18273645 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 22222222 31415926
    55555555 66666666 741852963 77777777 87654321 88888888 963852741 987654321 9876543210 99999999
    a1b2c3d4 aa123456 aaaaaaaa abc12345 abcd1234 abcdefgh abcdefghi access administrator alexander asdfasdf
    asdfghjk asdfghjkl asdf1234 azertyui baseball basketball batman bismillah butterfly changeme charlie
    chocolate computer corvette default dragon einstein elephant facebook football freedom garfield google
    hello helloworld iloveyou internet jennifer jordan23 letmein letmein1 liverpool login love lovely
    marina master mercedes michelle midnight monkey mustang natasha nastya ninja parol passw0rd password
    passwort pokemon princess p@ssw0rd p@ssword qazwsxedc qwe123qwe qwer1234 qwerasdf qwerty qwerty123
    qwertyui qwertyuiop rainbow samsung secret shadow slipknot snoopy spiderman starwars sunshine superman
    superstar swordfish test testtest trustno1 twilight victoria welcome whatever wordpass zaq12wsx zxcvbnm
    йцукенгш йцукен пароль парольпароль привет любовь
    """.split()  # noqa: SIM905
)


def plain_password(password: str) -> str:
    """One form for what different keyboards send for the same characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, *personal: str) -> str | None:
    """Why a password is no good, or None. `personal`: name, e-mail address, the site's name."""
    plain = plain_password(password)
    if len(plain) < PASSWORD_MIN:
        return "Use at least 8 characters."
    if len(plain) > PASSWORD_MAX:
        return "Use at most 256 characters."
    folded = plain.casefold().strip()
    core = folded.rstrip("0123456789!?.,*#@$-_ ")
    guesses = {word.casefold() for text in personal for word in (text, text.partition("@")[0]) if word}
    if len(set(folded)) < 3 or folded in COMMON_PASSWORDS or core in COMMON_PASSWORDS:
        return "This is among the first passwords that anyone would try."
    if folded in guesses or core in guesses:
        return "This is too easy to guess from what others know of you."
    return None


# Second factor


def totp_step(code_at: Callable[[int], str], code: str, now: int, after: int) -> int | None:
    """The step whose code this is: the present one or a neighbour, later than `after`; else None."""
    found = None
    present = now // OTP_STEP
    for step in range(max(0, present - 1), present + 2):
        if hmac.compare_digest(code_at(step).encode(), code.encode()) and step > after:
            found = step
    return found


def otp_code(text: str) -> str | None:
    """A code of an authenticator as typed, without spaces; None when it isn't one."""
    code = "".join(text[:32].split())
    return code if len(code) == 6 and code.isascii() and code.isdecimal() else None


def recovery_code(text: str) -> str:
    """A recovery code as typed, in the form that was hashed."""
    return "".join(char for char in text[:64].lower() if char in RECOVERY_ALPHABET)


# Sessions


def idle_end(now: int, idle_days: int, ends_at: int) -> int:
    """When a session that is used now ends unless used again."""
    return min(now + idle_days * DAY, ends_at)

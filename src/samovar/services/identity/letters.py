"""Letters that wait to be handed to delivery, which knows what they say."""

from collections.abc import Mapping
from typing import Final

import msgspec

VERIFY: Final = "verify"
RESET: Final = "reset"
EMAIL_CHANGED: Final = "email_changed"
PASSWORD_CHANGED: Final = "password_changed"
OTP_ON: Final = "otp_on"
OTP_OFF: Final = "otp_off"
CODES_RENEWED: Final = "codes_renewed"

#: What delivery calls them, where that is another name.
TEMPLATES: Final[Mapping[str, str]] = {VERIFY: "verify_email", RESET: "reset_password"}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that waits to be sent: sealed in the table until then."""

    kind: str
    to: str
    locale: str
    username: str
    #: Of the link, where there is one.
    token: str = ""
    #: The new address, in the notice to the old one.
    email: str = ""


def values(draft: Draft, *, url: str, hours: int, minutes: int) -> dict[str, str]:
    """What is put into the template's words."""
    found = {"username": draft.username}
    if draft.token:
        found |= {
            "url": f"{url}/{draft.kind}/{draft.token}",
            "hours": str(hours),
            "minutes": str(minutes),
        }
    if draft.email:
        found["email"] = draft.email
    return found

"""What messages say."""

from typing import Final

#: Templates, by name.
NAMES: Final = frozenset(
    (
        "verify_email",
        "reset_password",
        "email_changed",
        "password_changed",
        "otp_on",
        "otp_off",
        "codes_renewed",
        "notification",
        "digest",
        "system",
        "test",
    )
)

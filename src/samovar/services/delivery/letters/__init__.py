"""What messages say: each template by hand in every language, laid out as plain text and as HTML."""

from samovar.services.delivery.letters.writer import NAMES, Frame, Lacking, Written, write

__all__ = ["NAMES", "Frame", "Lacking", "Written", "write"]

"""A sample community: invented people, two months of their talk, made through the services themselves."""

from samovar.app.demo.story import PASSWORD, fill, fill_if_empty, is_empty

__all__ = ["PASSWORD", "fill", "fill_if_empty", "is_empty"]

"""Topic names. A new labeller is one file and one name in the union."""

from evertopic.labelling.keywords import Keywords

Labeller = Keywords

__all__ = ["Keywords", "Labeller"]

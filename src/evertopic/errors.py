"""The few ways a step can end badly. Each message says what was found, what was expected, what to do."""


class EvertopicError(Exception):
    """A step could not do its work; nothing was half-written and no alias moved."""

    exit_code = 1


class BadConfig(EvertopicError):
    """A configuration file has faults, all of them listed; nothing ran."""

    exit_code = 2


class BadInput(EvertopicError):
    """The documents cannot be used as they are: a file, a column or too many rows are wrong."""

    exit_code = 3


class Refusal(EvertopicError):
    """The step declined on purpose (too few documents, a model that fails parity). The champion stays."""

    exit_code = 4


class NotEnoughDocuments(Refusal):
    """There are fewer documents than the step needs to say anything."""


class Unavailable(EvertopicError):
    """Something outside did not answer: a database, a registry, an address, a disk. Trying again may help."""

    exit_code = 5


class Corrupted(EvertopicError):
    """A file at rest is not what its digest says. It was not loaded."""

    exit_code = 6

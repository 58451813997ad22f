"""Is a secret that a person chose one that nobody guesses?"""

import re

LEAST_CHARACTERS = 24
LEAST_DIFFERENT = 9
LEAST_OWN = 12
"""Characters beside the words of templates."""
WORDS = (
    *("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "0123456789", "1234567890", "987654321"),
    *("default", "password", "passwort", "passwd", "changeit", "example", "replace", "evertopic", "insecure", "please"),
    *("secret", "change", "sample", "prefect", "mlflow", "supersecret", "letmein", "welcome", "master", "token"),
    *("admin", "super", "value", "dummy", "local", "string", "qwerty", "abc123", "12345", "test", "demo", "your"),
    *("user", "root", "pass", "here", "this", "with", "must", "todo", "fixme", "key", "api", "evt", "dev", "prod"),
    *("123", "the", "one", "own", "set", "put", "for", "use", "not", "me", "my", "to", "in", "it", "a"),
)
"""What defaults and examples of configuration files are made of, longest first so that no word hides in another."""
_WORDS = re.compile("|".join(sorted(WORDS, key=len, reverse=True)))


def weakness(secret: str) -> str | None:
    """Why a secret is refused, as the end of a sentence that never quotes it; None when it is good enough.

    >>> weakness("changeme"), weakness("your-api-key-here-please-change-me")
    ('has 8 characters, 24 are needed', 'is made of the words of examples')
    >>> weakness("ab" * 20)
    'has 2 different characters, 9 are needed'
    """
    if len(secret) < LEAST_CHARACTERS:
        return f"has {len(secret)} characters, {LEAST_CHARACTERS} are needed"
    different = len(set(secret.lower()))
    if different < LEAST_DIFFERENT:
        return f"has {different} different characters, {LEAST_DIFFERENT} are needed"
    own = re.sub(r"[^a-z0-9]+", "", _WORDS.sub("", re.sub(r"[^a-z0-9]+", " ", secret.lower())))
    if len(own) < LEAST_OWN:
        return "is made of the words of examples"
    if re.search(r"^(.{1,16})\1+.{0,16}$", secret):
        return "repeats itself"
    return None

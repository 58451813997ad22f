r"""What the fields of an edit may hold: checked here, and told by every schema that is made of them.

Names, ids and authors are shown to other people: nothing in them may steer a terminal (control characters, line
breaks) or turn the text around it (U+202A to U+202E, U+2066 to U+2069).
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo

TEXT_AT_MOST = 200_000
"""Characters: as many as a document may have by the contract of a loop that says nothing else."""
TEXTS_AT_MOST = 1_000
_STEERING = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
_KEY = rf"^[^{_STEERING}]+$"
_ID = r"^[A-Za-z0-9_-]{1,40}$"
_NAME = rf"^[^\s{_STEERING}]([^{_STEERING}]{{0,78}}[^\s{_STEERING}])?$"
_BY = rf"^[^{_STEERING}]*[^\s{_STEERING}][^{_STEERING}]*$"
_TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"
_COMMENT = r"^[^\x00]*$"


def _only(pattern: str, told: str) -> AfterValidator:
    wanted = re.compile(pattern)

    def check(text: str) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("holds half characters, which no database takes") from None
        if "\x00" in text:
            raise ValueError("holds NUL, which no database takes")
        if not wanted.fullmatch(text):
            raise ValueError(f"should be {told}")
        return text

    return AfterValidator(check)


def _stated(pattern: str, at_most: int) -> FieldInfo:
    field: FieldInfo = Field(max_length=at_most, json_schema_extra={"pattern": pattern})
    return field


Key = Annotated[str, _only(_KEY, "a key as `evertopic topics` shows it"), _stated(_KEY, 100)]
Id = Annotated[str, _only(_ID, "1 to 40 letters, digits, _ and -"), _stated(_ID, 40)]
Name = Annotated[str, _only(_NAME, "1 to 80 characters on one line, not blank at its ends"), _stated(_NAME, 80)]
By = Annotated[str, _only(_BY, "a name on one line"), _stated(_BY, 200)]
Text = Annotated[str, _only(_TEXT, "a text that is not blank"), _stated(_TEXT, TEXT_AT_MOST)]
Comment = Annotated[str, _only(_COMMENT, "words"), _stated(_COMMENT, 2_000)]

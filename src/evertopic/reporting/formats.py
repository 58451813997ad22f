"""How numbers and foreign text are written. What was not measured is a dash, never `nan`."""

import html
import math
import unicodedata
from datetime import datetime

from evertopic.records import Interval

ABSENT = "–"
MINUS = "−"
_STEERING = (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), 0x2066, 0x2067)
_HARMLESS = {code: " " if chr(code).isspace() else "?" for code in _STEERING if chr(code) not in "\n\t"}


def number(value: float | None, digits: int = 3) -> str:
    """A decimal number; a dash for None, nan and infinities.

    >>> number(0.61249), number(-1.5, 1), number(float("nan")), number(-0.0001)
    ('0.612', '−1.5', '–', '0.000')
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def share(value: float | None) -> str:
    """A part of one as per cent with one decimal; what is not quite nothing or not quite all says so.

    >>> share(0.1234), share(0), share(1), share(0.0001), share(0.9999)
    ('12.3 %', '0 %', '100 %', '< 0.1 %', '> 99.9 %')
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    if value in {0, 1}:
        return f"{value:.0%}".replace("%", " %")
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 < value < 1:
        return "> 99.9 %"
    return f"{value * 100:.1f} %".replace("-", MINUS)


def count(value: int) -> str:
    """A whole number with separated thousands.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def plural(value: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> plural(1, "row"), plural(2000, "row"), plural(0, "box", "boxes")
    ('1 row', '2,000 rows', '0 boxes')
    """
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def between(interval: Interval | None, *, as_share: bool = False) -> str:
    """The two ends of a 95 % interval; empty where there is none.

    >>> between(Interval(0.5, 0.45, 0.55)), between(Interval(0.5, 0.45, 0.55), as_share=True)
    ('0.450 to 0.550', '45.0 % to 55.0 %')
    """
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return ""
    write = share if as_share else number
    return f"{write(interval.low)} to {write(interval.high)}"


def duration(seconds: float | None) -> str:
    """A time span as people say it.

    >>> duration(0.04), duration(2.34), duration(75), duration(3780)
    ('0.04 s', '2.3 s', '1 min 15 s', '1 h 3 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return ABSENT
    if seconds < 59.95:
        return f"{seconds:.{2 if seconds < 1 else 1 if seconds < 10 else 0}f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(value: datetime | None) -> str:
    """A date, with the time of day unless that is midnight.

    >>> moment(datetime(2024, 5, 1)), moment(None)
    ('1 May 2024', '–')
    """
    if value is None:
        return ABSENT
    day = f"{value.day} {value:%B %Y}"
    return day if (value.hour, value.minute) == (0, 0) else f"{day}, {value:%H:%M}"


def clip(text: str, length: int) -> str:
    r"""The text on one line, with an ellipsis where it was cut.

    >>> clip("a  long\nname", 20), clip("a long name", 7)
    ('a long name', 'a long…')
    """
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """The text in quotation marks; what runs right to left is kept from turning its neighbours round.

    >>> quoted("news"), len(quoted("אב"))
    ('“news”', 6)
    """
    turned = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
    return f"“\u2068{text}\u2069”" if turned else f"“{text}”"


def writable(text: str) -> str:
    r"""The text with a question mark for each half character (a lone surrogate), which no file can hold.

    >>> writable("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def harmless(text: str) -> str:
    r"""The text as a terminal may have it: nothing in it moves the cursor, colours or turns what stands around it.

    Line breaks and tabs stay, other white space becomes a blank, any other control character a question mark; so do
    half characters. What `quoted` puts around a text stays too.

    >>> harmless("\x1b[2Jred\r\n\u202eder")
    '?[2Jred \n?der'
    """
    return writable(text).translate(_HARMLESS)


def in_plot(text: str) -> str:
    """The text as plotly shows it letter by letter: it reads a little HTML in labels and hovers.

    >>> in_plot("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    return html.escape(writable(text), quote=False)

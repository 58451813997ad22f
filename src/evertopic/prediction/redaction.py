"""Texts without the numbers that lead to a person: e-mail addresses, IBANs, IP addresses, cards, telephones.

Names of persons, places and firms stay. So does what may as well be any other number: one that fails the check of
cards or IBANs, a telephone number without a plus, a leading zero, brackets or the American grouping. Each pattern
takes time in proportion to the text: what it repeats is bounded, or cannot begin again within itself.
"""

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv6Address

BLANK = r" \u00a0"
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
DATE = r"\d{1,2}([-/.])\d{1,2}\1\d{2,4}(?!\1?\d)"

DIGIT = re.compile(r"\d")
EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,254}+@(?:[\w-]{1,63}\.){1,8}[^\W\d_](?:[\w-]{0,61}[^\W_])")
IBAN = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}[0-9]{{2}}(?:[{BLANK}-]?[A-Za-z0-9]{{4}}){{2,7}}(?:[{BLANK}-]?[A-Za-z0-9]{{1,4}})?"
)
SEPARATORS = re.compile(rf"[{BLANK}-]")
LETTERS = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=10)}
"""What they are worth in the check of an IBAN. Source: ISO 13616."""
IP6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:%\w{1,16})?(?!\w|\.\d)"
)
IP4 = re.compile(rf"(?=[0-9])(?<![\w.])(?:{OCTET}\.){{3}}{OCTET}(?!\w|\.\d)")
CARD = re.compile(
    rf"(?=\d)(?<!\w)(?<!\d[.,-])(?:\d{{14,19}}|\d{{4}}([{BLANK}.-])\d{{4}}(?:\1\d{{4}}){{2}}(?:\1\d{{1,3}})?"
    rf"|\d{{4}}([{BLANK}.-])\d{{6}}\2\d{{4,5}})(?!\w)"
)
ISSUERS = re.compile(
    r"(?=\d{16}$)(?:4|5[0-8]|6|35|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)|62\d{15,17}$|3[47]\d{13}$|3[0689]\d{12}$"
)
"""How card numbers begin, and how long they are. Source: ISO/IEC 7812."""
PHONE = re.compile(
    rf"""(?=[+(012-9])(?<![\w+])(?:
    \+[{BLANK}]?[1-9](?:[{BLANK}.\-/()]{{0,3}}\d){{6,14}}(?!\d)                # +49 (0) 30 123456
    |(?<![.,:/-])(?:
        00[1-9](?:[{BLANK}\-/()]{{0,3}}\d){{7,14}}(?!\w)                      # 0049 30 123456
        |(?!{DATE})\(?0[1-9](?:[{BLANK}\-/()]{{0,2}}\d){{7,10}}(?!\w)          # (030) 123 456, not 01-02-2003
        |0[1-9](?:\.\d\d){{4}}(?![.\d])                                       # 01.23.45.67.89
        |(?:1[{BLANK}.-])?(?:\([2-9]\d\d\)[{BLANK}]?|[2-9]\d\d[.-])[2-9]\d\d[{BLANK}.-]\d{{4}}(?![.,-]?\d)
    ))""",
    re.VERBOSE,
)
SIGNED_NUMBER = re.compile(r"\+\d+\.\d+")
"""+1.2345678 is no telephone."""


def redact(text: str) -> str:
    """The text with `[e-mail]`, `[iban]`, `[ip]`, `[card]` and `[phone]` in place of such numbers.

    >>> redact("Call +44 20 7946 0958 or write to jo@example.org, not before 2024-05-01.")
    'Call [phone] or write to [e-mail], not before 2024-05-01.'
    """
    if "@" in text:
        text = EMAIL.sub("[e-mail]", text)
    if DIGIT.search(text) is None:
        return text
    text = _replaced(text, IBAN, _end_of_iban, "[iban]")
    text = _replaced(text, IP6, _end_of_ip6, "[ip]")
    text = IP4.sub("[ip]", text)
    text = _replaced(text, CARD, _end_of_card, "[card]")
    return _replaced(text, PHONE, _end_of_phone, "[phone]")


End = Callable[[re.Match[str]], int | None]
"""Where the number ends that begins with the match; None where it is none."""


def _replaced(text: str, pattern: re.Pattern[str], end_of: End, mark: str) -> str:
    parts, kept, at = [], 0, 0
    while found := pattern.search(text, at):
        end = end_of(found)
        at = found.start() + 1
        if end is not None:
            parts += [text[kept : found.start()], mark]
            kept = at = end
    return "".join([*parts, text[kept:]])


def _end_of_iban(found: re.Match[str]) -> int | None:
    # The next word may look like more of it: every end of a word is tried.
    text = found.string
    for end in range(found.end(), found.start() + 14, -1):
        if text[end - 1].isalnum() and not text[end : end + 1].isalnum():
            signs = SEPARATORS.sub("", text[found.start() : end]).upper()
            if 15 <= len(signs) <= 34 and int((signs[4:] + signs[:4]).translate(LETTERS)) % 97 == 1:
                return end
    return None


def _end_of_ip6(found: re.Match[str]) -> int | None:
    for end in (found.end(), found.end() - 1):  # a colon after it is not of it
        address = found.string[found.start() : end]
        try:
            IPv6Address(address)
        except AddressValueError:
            continue
        return end if any(sign.isdigit() for sign in address) else None
    return None


def _end_of_card(found: re.Match[str]) -> int | None:
    whole, parts = found[0], re.split(r"\D", found[0])
    shorter = len(whole) - len(parts[-1]) - 1 if len(parts) == 5 else len(whole)  # what follows may be the expiry
    for length in (len(whole), shorter):
        digits = re.sub(r"\D", "", whole[:length])
        if ISSUERS.match(digits) and _luhn(digits):
            return found.start() + length
    return None


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _end_of_phone(found: re.Match[str]) -> int | None:
    return None if SIGNED_NUMBER.fullmatch(found[0]) else found.end()

"""What leads to a person goes, what is only a number stays."""

import time
from pathlib import Path

import gensim
import pytest

from evertopic.prediction.redaction import redact

NEWS = Path(gensim.__file__).parent / "test" / "test_data" / "lee_background.cor"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Write to jo.doe+news@mail.example.co.uk.", "Write to [e-mail]."),
        ("<a_b@x-y.org>, müller@bücher.example", "<[e-mail]>, [e-mail]"),
        ("DE89 3704 0044 0532 0130 00", "[iban]"),
        ("DE89370400440532013000; MT84MALT011000012345MTLCAST001S", "[iban]; [iban]"),
        ("no93 8601 1117 947", "[iban]"),
        ("BE68 5390 0754 7034 next word", "[iban] next word"),
        ("BE68 5390 0754 7034 GB29 NWBK 6016 1331 9268 19", "[iban] [iban]"),
        ("ping 8.8.8.8. Or 10.0.0.1:8080/x", "ping [ip]. Or [ip]:8080/x"),
        ("[2001:db8:0:0:0:0:0:1]:443 fe80::1%eth0 ::1", "[[ip]]:443 [ip] [ip]"),
        ("from 2001:db8::1: refused", "from [ip]: refused"),
        ("::ffff:192.168.1.1", "[ip]"),
        ("4111 1111 1111 1111 12/25", "[card] 12/25"),
        ("4111-1111-1111-1111, 4111111111111111", "[card], [card]"),
        ("5555 5555 5555 4444 123", "[card] 123"),
        ("378282246310005 3782 822463 10005 30569309025904", "[card] [card] [card]"),
        ("+49 (0) 30 1234567 +1-212-555-0123 +442079460958", "[phone] [phone] [phone]"),
        ("tel:+4930123456, 0049 30 123456", "tel:[phone], [phone]"),
        ("020 7946 0958, (020) 7946 0958, 0171-1234567, 030/123 4567", "[phone], [phone], [phone], [phone]"),
        ("01.23.45.67.89 ou 01 23 45 67 89", "[phone] ou [phone]"),
        ("(212) 555-0123 212-555-0123 212.555.0123 1-800-555-0199", "[phone] [phone] [phone] [phone]"),
    ],
)
def test_goes(text: str, redacted: str) -> None:
    """E-mail addresses, IBANs, IP addresses, cards and telephones go, what stands beside them stays."""
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "in 2001, 1999-2003 and 1990 1991 1992 1993; 2001 2002 2003 2004",
        "2024-05-01, 2024-05-01T12:30:45.123456Z, 12:30:45",
        "01-02-2003 12:30, 01/02/2003 1030, 05.06.2003-07.06.2003",
        "08.30 09.45 10.15 11.00",
        "$1,234,567.89 or 12.345.678,90 EUR, 10 000 000 people, +10.5 %, 3@1.50",
        "1234567890 and 0.12345678901 and +1.2345678 and 1714567890123",
        "version 1.2.3, v1.2.3.4, 256.1.1.1",
        "978-3-16-148410-0, ASIN=080650711X",
        "6-4 7-5 6-3",
        "std::vector A::B dead::beef :: 00:1A:2B:3C:4D:5E",
        "4111 1111 1111 1112",  # 4111 1111 1111 1111 passes the Luhn check, so this one cannot
        "status/665965554142806016",
        "DE89 3704 0044 0532 x",
        "AB12 CDEF GHIJ KLMN OPQR STUV",
        "Mr Doe of 12 High Street, London",
        "",
    ],
)
def test_stays(text: str) -> None:
    """Years, dates, times, prices, versions, scores, numbers that fail their check, and names stay."""
    assert redact(text) == text


def test_news() -> None:
    """Three hundred real news texts hold none of it, and come back as they are."""
    texts = NEWS.read_text(encoding="utf-8").splitlines()
    assert len(texts) == 300
    assert [redact(text) for text in texts] == texts


@pytest.mark.parametrize(
    "part",
    [
        *("a", "a.", "a@", "a@b.", "%", ":", "1:", "::1", "1.1.", "0.", "0", "4", "٣"),
        *(" ", "+", "1 ", "+1 ", "+1-", "01 ", "(0", "DE12", "DE12 ", "ab12 abcd-", "4111 ", "212-555-"),
    ],
)
def test_time_grows_with_the_text(part: str) -> None:
    """200,000 characters made to mislead a pattern take at most seconds of work, mostly milliseconds."""
    text = ("@1: " + part * 200_000)[:200_000]
    before = time.process_time()
    redact(text)
    assert time.process_time() - before < 10

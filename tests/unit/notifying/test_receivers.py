"""Notices reach every address, and no address is ever shown."""

import logging

import pytest
from pydantic import SecretStr

from demos.inbox import inbox
from evertopic.errors import BadConfig
from evertopic.notifying import NotifyRule, read_receivers, send
from evertopic.notifying.rendering import LONGEST, as_markdown, as_text, headline
from evertopic.records import Delivery, Notice

NOTICE = Notice(
    "demo", "promoted", "version 4", "info", "Version 4 answers", "Better by 3 points.", (("run", "http://a/1"),)
)


def test_it_arrives_with_title_body_and_link() -> None:
    """A local receiver gets loop, title, body and the link to the run."""
    with inbox() as box:
        sent = send(read_receivers(SecretStr(box.url())), NOTICE)
    assert sent == (Delivery(1, "json", arrived=True),)
    (message,) = box.messages
    assert message["title"] == "[demo] Version 4 answers"
    assert message["message"] == "Better by 3 points.\nrun: http://a/1"
    assert message["type"] == "info"


@pytest.mark.parametrize(("severity", "kind"), [("info", "info"), ("warning", "warning"), ("critical", "failure")])
def test_severity(severity: str, kind: str) -> None:
    """How bad it is arrives as apprise's own kinds, by which services choose a colour."""
    with inbox() as box:
        send(
            read_receivers(SecretStr(box.url())),
            Notice("demo", "monitor failed", "demo", severity, "Away", ""),  # type: ignore[arg-type]
        )
    assert box.messages[0]["type"] == kind


def test_each_receiver_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    """One that refuses or is away does not keep the others from hearing, and no password gets into a log."""
    caplog.set_level(logging.DEBUG)
    with inbox() as box, inbox() as refusing:
        refusing.status = 500
        with inbox() as gone:
            away = gone.url()
        receivers = read_receivers(SecretStr(f"{refusing.url()} {away}\n  {box.url()}"))
        sent = send(receivers, NOTICE)
    assert [(one.position, one.arrived) for one in sent] == [(1, False), (2, False), (3, True)]
    assert len(box.messages) == 1
    assert "sesame" not in caplog.text + repr(receivers) + str(sent)


def test_unknown_addresses_are_named_by_position_alone(caplog: pytest.LogCaptureFixture) -> None:
    """An address that apprise knows no service for is a fault of the config; its text may be a secret."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(BadConfig, match=r"holds 4 addresses.* number 2, 4 \(not shown") as fault:
        read_receivers(SecretStr("json://a/x sesame json://b/y https://sesame.example.org/hook"))
    assert "sesame" not in str(fault.value) + caplog.text


def test_no_address() -> None:
    """Nobody is to be told: no receivers, no fault."""
    assert read_receivers(None) == read_receivers(SecretStr(" \n ")) == ()


def test_foreign_text_stays_text() -> None:
    """Line ends in a title, control characters and marks of documents neither break nor format a message."""
    notice = Notice("demo", "data refused", "demo", "info", "Two\nlines\x1b[31m", "[a](b) <b>\x00", ())
    assert headline(notice) == "[demo] Two lines [31m"
    assert as_text(notice) == "[a](b) <b>"
    assert as_markdown(notice) == r"\[a\](b) \<b\>"


@pytest.mark.parametrize(
    ("format", "message"),
    [
        ("text", "A <b>topic</b>\nrun: http://a/1"),
        ("markdown", r"A \<b\>topic\</b\>" + "\n\n[run](http://a/1)"),
        ("html", "A&nbsp;&lt;b&gt;topic&lt;/b&gt;<br/>run:&nbsp;http://a/1"),
    ],
)
def test_each_receiver_reads_its_own_format(format: str, message: str) -> None:  # noqa: A002
    """Plain, Markdown and HTML; mark-up that came with documents is shown in each of them, never followed."""
    notice = Notice("demo", "promoted", "4", "info", "New", "A <b>topic</b>", (("run", "http://a/1"),))
    with inbox() as box:
        send(read_receivers(SecretStr(f"{box.url()}?format={format}")), notice)
    assert box.messages[0]["message"] == message


def test_long_bodies_are_cut() -> None:
    """A traceback of a million lines is no message for a phone; the link stays."""
    text = as_text(Notice("demo", "monitor failed", "demo", "info", "t", "x" * 10**6, (("run", "http://a"),)))
    assert len(text) == LONGEST + len("\nrun: http://a")
    assert text.endswith("…\nrun: http://a")


def test_rule() -> None:
    """What is below the least severity, or not among the events, is not asked for."""
    assert NotifyRule().asks_for(NOTICE)
    assert not NotifyRule(least_severity="critical").asks_for(NOTICE)
    assert not NotifyRule(events=("rolled back",)).asks_for(NOTICE)

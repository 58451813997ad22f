"""Nobody waits for ever: singles together, large requests by chunks, in turns."""

import asyncio
from collections.abc import Callable

import pytest

from serving.turns import Job, Round, Turns
from tests.serving.fakes import a_model

FIRST, SECOND = a_model(1), a_model(2)


@pytest.fixture(scope="module")
def new() -> Callable[..., Job]:
    """Makes jobs; nobody waits for their answers."""
    loop = asyncio.new_event_loop()
    yield lambda *texts, bulk=False: Job(texts, loop.create_future(), bulk)
    loop.close()


def add(turns: Turns, *jobs: Job) -> None:
    for job in jobs:
        turns.add(job)


def answer(turns: Turns, ended: Round) -> None:
    """The round has been answered, as the batcher would note it."""
    for job in ended.jobs:
        if job.bulk:
            job.answers += ended.texts
            if len(job.answers) == len(job.texts):
                turns.drop(job)


def rounds(turns: Turns) -> list[str]:
    """The texts of all rounds there are, each answered before the next."""
    found = []
    while taken := turns.take(FIRST):
        found.append("".join(taken.texts))
        answer(turns, taken)
    return found


def test_singles_go_together_in_order(new):
    """As many as a round holds, the first to come first."""
    turns = Turns(texts=3, waiting=100)
    add(turns, *(new(letter) for letter in "abcdefg"))
    assert rounds(turns) == ["abc", "def", "g"]


def test_singles_and_large_requests_take_turns(new):
    """A round of singles, a chunk of the oldest large request, and so on; of two large ones the older ends first."""
    turns = Turns(texts=2, waiting=100)
    add(turns, new(*"12345", bulk=True), new(*"678", bulk=True), *(new(letter) for letter in "abcdefgh"))
    assert rounds(turns) == ["ab", "12", "cd", "34", "ef", "5", "gh", "67", "8"]


def test_a_large_request_is_answered_by_one_model(new):
    """The model of its first chunk answers all of it, though another one is in service by then; singles follow that."""
    turns = Turns(texts=2, waiting=100)
    add(turns, new(*"1234", bulk=True))
    first = turns.take(FIRST)
    answer(turns, first)
    add(turns, new("a"))
    later = [turns.take(SECOND), turns.take(SECOND)]
    assert (first.texts, first.model) == (("1", "2"), FIRST)
    assert [(tuple(each.texts), each.model) for each in later] == [(("a",), SECOND), (("3", "4"), FIRST)]


def test_waiting_texts_are_counted(new):
    """Texts count from when they are added until they are taken or their caller has gone."""
    turns = Turns(texts=2, waiting=100)
    jobs = [new("a"), new("b"), new("c"), new(*"12345", bulk=True)]
    add(turns, *jobs)
    assert turns.depth == 8
    ended = turns.take(FIRST)  # a and b
    assert turns.depth == 6
    turns.drop(jobs[2])
    turns.drop(jobs[0])
    assert turns.depth == 5
    answer(turns, turns.take(FIRST))  # 1 and 2
    assert turns.depth == 3
    turns.again(ended.jobs)
    assert turns.depth == 5
    turns.take(FIRST)
    turns.take(FIRST)
    turns.drop(jobs[3])
    turns.drop(jobs[3])
    assert turns.depth == 1
    assert rounds(turns) == ["b"]
    assert turns.depth == 0


def test_a_large_request_whose_caller_has_gone_is_not_gone_on_with(new):
    """Dropped between two chunks: the next round is somebody else's."""
    turns = Turns(texts=2, waiting=100)
    gone = new(*"1234", bulk=True)
    add(turns, gone, new(*"56", bulk=True))
    answer(turns, turns.take(FIRST))
    turns.drop(gone)
    assert rounds(turns) == ["56"]


def test_what_failed_in_company_is_next_by_itself(new):
    """Each of them alone, in their order, before others; then the others together again."""
    turns = Turns(texts=3, waiting=100)
    add(turns, *(new(letter) for letter in "abcdef"))
    turns.again(turns.take(FIRST).jobs)
    assert rounds(turns) == ["a", "b", "c", "def"]


def test_there_is_room_up_to_the_bound(new):
    """Singles may fill all places, large requests three quarters of them."""
    turns = Turns(texts=2, waiting=8)
    add(turns, new(*"12345", bulk=True))
    assert turns.has_room(new("6", bulk=True))
    assert not turns.has_room(new(*"67", bulk=True))
    add(turns, *(new(letter) for letter in "abc"))
    assert not turns.has_room(new("d"))
    assert turns.depth == 8


def test_an_empty_queue_has_room_for_anything(new):
    """A request larger than the bound is taken when nothing waits: it would never be otherwise."""
    turns = Turns(texts=2, waiting=3)
    assert turns.has_room(new(*"123456", bulk=True))
    add(turns, new("a"))
    assert not turns.has_room(new(*"123456", bulk=True))


def test_the_wait_ends_once(new):
    """The wait of a job is over when its first text is taken, and when its caller goes before that."""
    turns, ended = Turns(texts=2, waiting=100), []
    jobs = {"single": new("a"), "large": new(*"123", bulk=True), "gone": new(*"4", bulk=True)}
    for name, job in jobs.items():
        job.waits.callback(ended.append, name)
        turns.add(job)
    turns.take(FIRST)
    assert ended == ["single"]
    answer(turns, turns.take(FIRST))
    assert ended == ["single", "large"]
    turns.drop(jobs["gone"])
    assert ended == ["single", "large", "gone"]
    assert rounds(turns) == ["3"]
    assert ended == ["single", "large", "gone"]

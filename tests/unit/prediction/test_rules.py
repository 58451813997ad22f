from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from evertopic.config import parse_config
from evertopic.errors import BadConfig
from evertopic.prediction import matching
from evertopic.prediction.bundle import TopicMeta
from evertopic.prediction.predictor import NOTHING, Predictor
from evertopic.prediction.rules import Category, Rules
from evertopic.records import Overruled, Prediction

TOPICS = (
    TopicMeta(key="t1", name="bank", words=("bank", "loan"), weights=(1.0, 0.5), documents=5),
    TopicMeta(key="t2", name="rain", words=("rain", "wind"), weights=(1.0, 0.5), documents=5),
)
SURE = Prediction("t1", "bank", ("bank", "loan"), 0.9, (("t2", 0.06), ("t3", 0.03), ("t4", 0.01)))
UNSURE = replace(SURE, strength=0.4)
UNASSIGNED = Prediction(None, "unassigned", (), 0.8, (("t1", 0.8), ("t2", 0.1), ("t3", 0.05)))


def category(name: str = "Refunds", *patterns: str, **settings: object) -> Category:
    return Category.model_validate({"name": name, "patterns": patterns or ("refund*",), **settings})


def said(answer: Prediction, *categories: Category, text: str = "My refund", confident: float = 0.5) -> Prediction:
    (one,) = Rules(confident=confident, categories=categories).apply([text], [answer], TOPICS)
    return one


def test_a_rule_names_its_category() -> None:
    """Key `rule:NAME`, no words, the rule's strength, the model's answer first among the alternatives, and told."""
    assert said(UNSURE, category(strength=0.7)) == Prediction(
        key="rule:Refunds",
        name="Refunds",
        words=(),
        strength=0.7,
        alternatives=(("t1", 0.4), ("t2", 0.06), ("t3", 0.03)),
        overruled=Overruled("Refunds", "t1", "bank", 0.4),
    )


def test_a_rule_may_mean_a_topic() -> None:
    """Then key, name and words are the topic's, which is no alternative to itself."""
    assert said(UNSURE, category(topic="t2")) == Prediction(
        key="t2",
        name="rain",
        words=("rain", "wind"),
        strength=1.0,
        alternatives=(("t1", 0.4), ("t3", 0.03), ("t4", 0.01)),
        overruled=Overruled("Refunds", "t1", "bank", 0.4),
    )


def test_an_unassigned_answer_is_no_alternative() -> None:
    """Where the model gave none, its alternatives stay, without the rule's own topic."""
    answer = said(UNASSIGNED, category(topic="t2"))
    assert answer.alternatives == (("t1", 0.8), ("t3", 0.05))
    assert answer.overruled == Overruled("Refunds", None, "unassigned", 0.8)


def test_a_text_without_a_pattern_keeps_its_answer() -> None:
    """Nothing fires, nothing changes."""
    assert said(UNSURE, category(), text="my prerefund") == UNSURE


def test_a_confident_model_is_contradicted_only_on_demand() -> None:
    """From `confident` on the model stays; below, or unassigned at any strength, the rule speaks."""
    assert said(SURE, category()) == SURE
    assert said(replace(SURE, strength=0.5), category()).overruled is None
    assert said(replace(SURE, strength=0.49), category()).key == "rule:Refunds"
    assert said(UNASSIGNED, category()).key == "rule:Refunds"
    assert said(SURE, category(over_confident=True)).key == "rule:Refunds"
    assert said(SURE, category(), confident=1.0).key == "rule:Refunds"
    assert said(UNSURE, category(), confident=0.0) == UNSURE


def test_the_highest_priority_speaks_and_the_first_on_a_tie() -> None:
    """Order in the file decides among equals, not order in the text."""
    low, first = category("Low"), category("First", "my", priority=2)
    second = category("Second", priority=2)
    assert said(UNSURE, low, first, second).name == "First"
    assert said(UNSURE, low, second, first).name == "Second"
    assert said(UNSURE, low, category("Other", "absent", priority=9)).name == "Low"


def test_one_that_may_not_speak_does_not_keep_others_silent() -> None:
    """A more urgent rule that spares a confident model leaves the word to one that does not."""
    sparing, bold = category("Sparing", priority=5), category("Bold", over_confident=True)
    assert said(SURE, sparing, bold).name == "Bold"
    assert said(UNSURE, sparing, bold).name == "Sparing"


@pytest.mark.parametrize("answer", [SURE, UNSURE])
def test_a_rule_that_agrees_changes_nothing(answer: Prediction) -> None:
    """The model spoke; no other rule is heard, and it needs no permission to agree with a confident model."""
    agreeing, bold = category("Same", topic="t1", priority=5), category("Bold", over_confident=True)
    assert said(answer, agreeing, bold) == answer
    assert said(answer, replace_priority(agreeing, -1), bold).name == "Bold"


def replace_priority(one: Category, priority: int) -> Category:
    return one.model_copy(update={"priority": priority})


def test_a_topic_the_model_does_not_have_is_silent() -> None:
    """The model is left alone, other rules are heard, and the silent ones can be asked for."""
    gone = category("Gone", topic="t9", priority=9, over_confident=True)
    assert said(SURE, gone) == SURE
    assert said(UNSURE, gone, category()).name == "Refunds"
    assert Rules(categories=(gone, category(), category("Rain", topic="t2"))).silent(TOPICS) == (gone,)


def test_the_remark_stays() -> None:
    """What is unusual about the text is unusual still."""
    short = replace(UNASSIGNED, remark="no words")
    assert said(short, category("Happy", "😀"), text="😀").remark == "no words"


@pytest.mark.parametrize("text", ["", " \n "])
def test_no_rule_speaks_of_nothing(text: str) -> None:
    """A text of which nothing is left is unassigned, whatever the patterns."""
    rules = (category("Any", "a*", "😀", "$", "退", "-", over_confident=True),)
    assert said(NOTHING, *rules, text=text) == NOTHING


def test_each_text_gets_its_own_answer() -> None:
    """In order, each by its own words; without rules all answers stay."""
    rules = Rules(categories=(category(), category("Rain", "rain", topic="t2")))
    texts = ["rain", "refunds", "other"]
    assert [one.key for one in rules.apply(texts, [UNSURE] * 3, TOPICS)] == ["t2", "rule:Refunds", "t1"]
    assert Rules().apply(texts, [UNSURE] * 3, TOPICS) == [UNSURE] * 3
    assert rules.apply([], [], TOPICS) == []


def test_without_categories_no_text_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that are not there cost nothing."""
    monkeypatch.delattr(matching, "fold")
    assert Rules().apply(["refund"], [SURE], TOPICS) == [SURE]
    with pytest.raises(NameError):
        said(SURE, category())


def test_rules_that_change_are_made_ready_anew() -> None:
    """A copy with other categories looks for its own patterns."""
    rules = Rules(categories=(category(),))
    assert rules.apply(["refund"], [UNSURE], TOPICS)[0].overruled
    other = rules.model_copy(update={"categories": (category("Other", "other"),)})
    assert other.apply(["refund"], [UNSURE], TOPICS) == [UNSURE]
    assert Rules.model_validate_json(rules.model_dump_json()).finder() is rules.finder()


def test_the_predictor_asks_the_rules(bundle, news) -> None:
    """A model answers with the rules it was registered with, on the cleaned text; the rest is as without them."""
    rules = Rules(categories=(category("Fires", "bush fire*", "bushfire*", over_confident=True),))
    ruled = bundle.model_copy(update={"meta": bundle.meta.model_copy(update={"rules": rules})})
    texts = ["<b>Bush&nbsp;FIRES</b> rage on", *news]
    own = Predictor(bundle, bundle.meta.encoder).predict(texts)
    answers = Predictor(ruled, bundle.meta.encoder).predict(texts)
    fired = [answer.key == "rule:Fires" for answer in answers]
    assert fired[0]
    assert fired == [
        "bush fire" in text.lower() or "bushfire" in text.lower() for text in [texts[0].replace("&nbsp;", " "), *news]
    ]
    assert [a for a, spoke in zip(answers, fired, strict=True) if not spoke] == [
        a for a, spoke in zip(own, fired, strict=True) if not spoke
    ]


def faults(**rules: object) -> str:
    with pytest.raises(BadConfig) as fault:
        parse_config({"name": "news", "source": {"kind": "bundled"}, "rules": rules}, "x", Path())
    return str(fault.value)


def test_bad_patterns_are_faults_of_the_config() -> None:
    """Blank, a lone star, a star inside of a word, none at all: each at its place, all at once."""
    told = faults(categories=[{"name": "A", "patterns": ["ok", " ", "*", "re*fund"]}, {"name": "B", "patterns": []}])
    assert told.splitlines()[0] == "x has 4 faults:"
    assert "rules.categories.0.patterns.1: Value error, a pattern needs a word, found ' '" in told
    assert "rules.categories.0.patterns.2: Value error, a pattern needs a word: a star alone means every text" in told
    assert "rules.categories.0.patterns.3: Value error, a star stands for any ending of a word: write it once" in told
    assert "rules.categories.1.patterns: " in told


def test_two_categories_of_one_name_are_refused() -> None:
    """In any case: their keys would not be told apart."""
    both = [{"name": "Refunds", "patterns": ["a"]}, {"name": "refunds", "patterns": ["b"]}]
    assert "rules: categories has 'Refunds', 'refunds' twice: join their patterns, or rename one" in faults(
        categories=both
    )
    with pytest.raises(ValidationError, match="twice"):
        Rules(categories=(category(), category()))

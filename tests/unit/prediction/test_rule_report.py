from evertopic.prediction.bundle import TopicMeta
from evertopic.prediction.rule_report import AROUND, EXAMPLES, CategoryReport, excerpt, report_rules
from evertopic.prediction.rules import Category, Rules
from evertopic.records import Prediction

TOPICS = (TopicMeta(key="t1", name="bank", words=("bank",), weights=(1.0,), documents=5),)
SURE, UNSURE = (Prediction("t1", "bank", ("bank",), strength, ()) for strength in (0.9, 0.2))
UNASSIGNED = Prediction(None, "unassigned", (), 0.3, ())
RULES = Rules(
    categories=(
        Category(name="Refunds", patterns=("refund*", "money back", "voucher")),
        Category(name="Loans", patterns=("loan",), topic="t1", priority=1),
        Category(name="Gone", patterns=("refund",), topic="t9", priority=9, over_confident=True),
    )
)
DOCUMENTS = [
    ("a refund, refunds, money back", UNSURE),  # Refunds changes t1
    ("a refund and a loan", UNSURE),  # Loans comes first and agrees
    ("a refund and a loan", UNASSIGNED),  # Loans comes first and changes
    ("a refund", SURE),  # the model is confident
    ("prerefund loaned", UNSURE),
    ("", UNASSIGNED),
    *[("other", SURE)] * 4,
]


def by_name(rules: Rules = RULES, model: bool = True) -> dict[str, CategoryReport]:
    documents = DOCUMENTS if model else [(text, None) for text, _ in DOCUMENTS]
    return {each.name: each for each in report_rules(rules, documents, TOPICS if model else None).categories}


def test_firing_deciding_and_changing_are_counted() -> None:
    """By hand, on ten documents: four with a pattern, three decided, two answers changed."""
    report = report_rules(RULES, iter(DOCUMENTS), TOPICS)
    assert (report.documents, report.fires, report.changes) == (10, 4, 2)
    found = {each.name: (each.fires, each.decides, each.changes) for each in report.categories}
    assert found == {"Refunds": (4, 1, 1), "Loans": (2, 2, 1), "Gone": (4, 0, 0)}
    assert [each.key for each in report.categories] == ["rule:Refunds", "t1", "t9"]


def test_what_is_counted_is_what_is_answered() -> None:
    """The answers that `apply` overrules are the changes of the report."""
    texts, answers = zip(*DOCUMENTS, strict=True)
    spoken = [each.overruled for each in RULES.apply(texts, answers, TOPICS) if each.overruled]
    assert sorted(each.rule for each in spoken) == ["Loans", "Refunds"]


def test_each_pattern_is_counted_once_a_document() -> None:
    """Also those that are nowhere, in the order of the config."""
    assert by_name()["Refunds"].patterns == (("refund*", 4), ("money back", 1), ("voucher", 0))


def test_without_a_model_only_firing_is_known() -> None:
    """Nothing is decided, changed or silent where nobody answered."""
    found = by_name(model=False)
    assert {each.fires for each in found.values()} == {4, 2}
    assert {(each.decides, each.changes, each.silent) for each in found.values()} == {(None, None, False)}


def test_a_rule_for_a_topic_that_is_not_there_is_told() -> None:
    """It fires and never speaks: silent, unlike the others."""
    assert [each.name for each in by_name().values() if each.silent] == ["Gone"]


def test_a_rule_that_fires_too_often_is_told() -> None:
    """On more than a fifth of the documents: 4 of 10 are, 2 of 10 are not."""
    assert [each.name for each in by_name().values() if each.suspicious] == ["Refunds", "Gone"]


def test_a_few_examples_are_kept_with_their_words() -> None:
    """The first documents it fires on, each with the pattern and the words as written."""
    examples = by_name()["Refunds"].examples
    assert len(examples) == EXAMPLES
    assert (examples[0].pattern, examples[0].before, examples[0].words) == ("refund*", "a ", "refund")


def test_an_excerpt_says_where_it_was_cut() -> None:
    """Some text at either side, with an ellipsis where there was more of it."""
    long = excerpt("refund*", "x " * 50 + "REFUNDS" + " y" * 50)
    assert (len(long.before), long.before[0], long.words, len(long.after), long.after[-1]) == (
        AROUND, "…", "REFUNDS", AROUND, "…",
    )  # fmt: skip
    short = excerpt("refund*", "my refunds!")
    assert (short.before, short.words, short.after) == ("my ", "refunds", "!")


def test_no_documents_are_no_fault() -> None:
    """An empty corpus: zeros, nothing suspicious."""
    report = report_rules(RULES, [], TOPICS)
    assert (report.documents, report.fires, report.changes) == (0, 0, 0)
    assert not any(each.suspicious for each in report.categories)

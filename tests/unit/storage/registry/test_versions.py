from datetime import UTC, datetime

import pytest

from evertopic.errors import BadInput
from evertopic.storage.registry import CHALLENGER, CHAMPION, open_registry


def test_register(registry, training):
    """A registered model is version 1, the challenger, with its tags, linked with run and logged model."""
    logged = registry.log_training(training())
    version = registry.register(logged, "news", {"code_version": "0.1.0"})
    assert (version.name, version.version, version.aliases, version.created) == ("news", 1, (CHALLENGER,), True)
    assert (version.run_id, version.digest, version.model_uri) == (logged.run_id, "b" * 32, "models:/news/1")
    assert registry.tags(version) == {"code_version": "0.1.0", "bundle_digest": "b" * 32, "model_id": logged.model_id}
    tags = registry.client.get_logged_model(logged.model_id).tags
    assert tags["mlflow.modelVersions"] == '[{"name": "news", "version": 1}]'


def test_registered_at(registry, training):
    """A version knows when it was made, to the second, in UTC."""
    before = datetime.now(UTC).replace(microsecond=0)
    version = registry.register(registry.log_training(training()), "news", {})
    assert before <= registry.registered_at(version) <= datetime.now(UTC)


def test_register_twice(registry, training):
    """The same bundle registered again is the same version, even from another run."""
    first = registry.register(registry.log_training(training()), "news", {})
    second = registry.register(registry.log_training(training()), "news", {})
    assert (first.version, first.created, second.version, second.created) == (1, True, 1, False)
    assert second.run_id == first.run_id
    assert len(registry.versions("news")) == 1


def test_killed_between_log_and_register(registry, training, tracking_uri, artifacts_url):
    """A run killed after logging goes on with the logged model, or logs again: one version either way."""
    registry.log_training(training())
    again = open_registry(tracking_uri, artifacts_url)
    logged = again.find_logged("news", "b" * 32)
    assert logged is not None
    assert again.register(logged, "news", {}).version == 1
    assert again.register(again.log_training(training()), "news", {}).version == 1
    assert len(again.versions("news")) == 1


def test_killed_before_alias(registry, training):
    """A version that was made but not yet named challenger is named on the rerun."""
    logged = registry.log_training(training())
    registry.register(logged, "news", {})
    registry.client.delete_registered_model_alias("news", CHALLENGER)
    assert registry.register(logged, "news", {}).aliases == (CHALLENGER,)


def test_release_first(registry, training):
    """Only the first model becomes champion without a gate; a later one waits as challenger."""
    one = registry.register(registry.log_training(training("a" * 32)), "news", {})
    assert registry.release_first("news", one.version) is True
    two = registry.register(registry.log_training(training("b" * 32)), "news", {})
    assert registry.release_first("news", two.version) is False
    assert registry.alias_version("news", CHAMPION) == 1
    assert registry.alias_version("news", CHALLENGER) == 2
    assert [(v.version, v.aliases) for v in registry.versions("news")] == [(2, (CHALLENGER,)), (1, (CHAMPION,))]


def test_champion_is_not_challenged_by_itself(registry, training):
    """Registering the champion's own bundle again moves no alias."""
    logged = registry.log_training(training())
    registry.register(logged, "news", {})
    registry.release_first("news", 1)
    registry.client.delete_registered_model_alias("news", CHALLENGER)
    assert registry.register(logged, "news", {}).aliases == (CHAMPION,)


def test_set_alias(registry, training):
    """An alias stands on one version and never on one that is not there."""
    for digest in ("a" * 32, "b" * 32):
        registry.register(registry.log_training(training(digest)), "news", {})
    registry.set_alias("news", "previous", 1)
    registry.set_alias("news", "previous", 2)
    assert registry.alias_version("news", "previous") == 2
    with pytest.raises(BadInput, match=r"no version 9: there are versions 2 \(challenger, previous\), 1"):
        registry.set_alias("news", "previous", 9)


def test_find(registry, training):
    """A version is found by the digest of its bundle."""
    registry.register(registry.log_training(training()), "news", {})
    assert registry.find("news", "b" * 32).version == 1
    assert registry.find("news", "c" * 32) is None
    assert registry.find("nothing", "b" * 32) is None


def test_resolve(registry, training):
    """Name, alias, version and MLflow's own addresses all lead to the same version."""
    logged = registry.log_training(training())
    registry.register(logged, "news", {})
    registry.release_first("news", 1)
    spellings = ["news", "news@champion", "news@challenger", "news/1", "models:/news@champion", "models:/news/1"]
    assert {registry.resolve(spelling).version for spelling in [*spellings, logged.model_uri]} == {1}


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("other", r"no model 'other': there are news"),
        ("news", r"no alias 'champion': there are versions 1 \(challenger\)"),
        ("news@best", r"no alias 'best': there are versions 1 \(challenger\)"),
        ("news/2", r"no version 2: there are versions 1 \(challenger\)"),
        ("news/latest", r"no version latest"),
        ("models:/m-0123", r"No version holds the logged model m-0123: there are news"),
        ("it's", r"no model \"it's\": there are news"),
        ("", r"no model '': there are news"),
    ],
)
def test_resolve_unknown(registry, training, reference, said):
    """A reference to nothing says what there is."""
    registry.register(registry.log_training(training()), "news", {})
    with pytest.raises(BadInput, match=said):
        registry.resolve(reference)


def test_resolve_empty(registry):
    """An empty registry says that training comes first."""
    with pytest.raises(BadInput, match="none is registered yet, train one first"):
        registry.resolve("news")


@pytest.mark.parametrize("name", ["", "a/b", "a@b", "it's", "-x", "ünder"])
def test_name(registry, training, name):
    """A name that no reference could carry is refused and nothing is registered."""
    logged = registry.log_training(training())
    with pytest.raises(BadInput, match="cannot name a model"):
        registry.register(logged, name, {})
    assert registry.client.search_registered_models() == []


def test_absent(registry):
    """What is not there has no alias and no versions."""
    assert registry.alias_version("news", CHAMPION) is None
    assert registry.versions("news") == ()

"""What an alignment says, as rows of the lineage."""

from collections.abc import Mapping, Sequence

from evertopic.identity.alignment import Alignment
from evertopic.records import Generation, LineageEvent


def events_of(
    alignment: Alignment,
    generation: Generation,
    keys: Sequence[str],
    names: Sequence[str],
    documents: Sequence[int],
    before: Mapping[str, str],
) -> tuple[LineageEvent, ...]:
    """One event for each topic of the generation, then one for each topic of the generation before that is gone.

    Args:
        alignment: of this generation with its lineage.
        generation: the one that brings them about.
        keys: permanent keys of its topics, the new ones among them.
        names: what the model calls them.
        documents: how many are assigned to each.
        before: names in the generation before, by key.
    """
    number, at = generation.number, generation.at
    here = (
        LineageEvent(number, at, one.kind, key, name, count, one.other, one.score)
        for one, key, name, count in zip(alignment.topics, keys, names, documents, strict=True)
    )
    gone = (
        LineageEvent(
            number, at, one.kind, one.key, before[one.key], 0, None if one.into is None else keys[one.into], one.score
        )
        for one in alignment.gone
    )
    return (*here, *gone)

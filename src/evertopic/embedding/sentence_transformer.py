"""Sentence encoders of the sentence-transformers library; one small English model is bundled."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evertopic.digests import digest_of
from evertopic.embedding.base import readable, unit_rows
from evertopic.embedding.named_model import NamedModel, check_max_length, files_digest, model_folder
from evertopic.errors import BadConfig
from evertopic.records import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BACK_END = "torch"
Precision = Literal["fp32", "bf16"]

# Encoding holds it too: a fast tokenizer that two threads share fails with "Already borrowed".
_LOCK = threading.RLock()


class SentenceTransformerEncoder(NamedModel):
    """Vectors of a sentence-transformers model, loaded once per process at the first use."""

    kind: Literal["sentence_transformer"] = "sentence_transformer"
    precision: Precision = "fp32"
    """bf16 is about twice as fast where the processor has it (avx512_bf16, AMX); cosine to fp32 above 0.999."""

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
        files = files_digest(model_folder(self.model, self.revision))
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


@cache
def _load(folder: Path, precision: Precision, max_length: int | None) -> "SentenceTransformer":
    model = open_model(folder)
    if max_length is not None:
        check_max_length(max_length, longest_read(model), folder)
        model.max_seq_length = max_length
    return model.bfloat16() if precision == "bf16" else model.float()


def open_model(folder: Path) -> "SentenceTransformer":
    """The model in `folder`, as the library gives it.

    Raises:
        BadConfig: the folder holds no weights as safetensors, or no such model.
    """
    from sentence_transformers import SentenceTransformer

    if not any(folder.rglob("*.safetensors")):
        raise BadConfig(f"{folder} holds no *.safetensors: other weight formats can run code when read; convert it.")
    try:
        with _no_bars():
            return SentenceTransformer(str(folder), local_files_only=True)
    except (OSError, ValueError) as fault:
        raise BadConfig(f"{folder} is not a model that sentence-transformers can load: {fault}") from fault


def longest_read(model: "SentenceTransformer") -> int | None:
    """How many tokens the model has positions for; None: positions are relative or there are none."""
    embeddings = getattr(model.transformers_model, "embeddings", None)
    positions = getattr(embeddings, "position_embeddings", None)
    if positions is None:
        return None
    # Models of the RoBERTa family count positions from behind the padding index.
    return int(positions.num_embeddings) - (0 if positions.padding_idx is None else positions.padding_idx + 1)


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

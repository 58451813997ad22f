"""Sentence encoders run by onnxruntime: the same models as sentence_transformer, without torch once exported."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from evertopic.digests import digest_of
from evertopic.embedding.base import unit_rows
from evertopic.embedding.named_model import NamedModel, files_digest, model_folder
from evertopic.embedding.onnx_export import RECIPE, OnnxPrecision, exported
from evertopic.embedding.onnx_model import OnnxModel, read_model
from evertopic.errors import Unavailable
from evertopic.records import Floats

BACK_END = "onnxruntime"


class OnnxEncoder(NamedModel):
    """Vectors of a sentence-transformers model, exported on this machine at the first use and kept.

    The export takes about ten seconds and needs torch; later processes read it from the user's cache, without torch.
    It runs on as many threads as OMP_NUM_THREADS says, else on all cores the process may use.
    """

    kind: Literal["onnx"] = "onnx"
    precision: OnnxPrecision = "fp32"
    """int8 takes half the time where the processor has VNNI, and changes 2 to 4 % of the answers."""

    @property
    def width(self) -> int:
        """d; loads the model.

        Raises:
            Unavailable, BadConfig, Corrupted: as for `encode`.
        """
        return self._opened().facts.width

    def fingerprint(self) -> str:
        """The digest of the bytes of weights, tokenizer and settings files, back-end, precision, length and prompt.

        Where the files lie does not matter; nothing is exported for it.

        Raises:
            Unavailable: the model is not here and could not be fetched.
        """
        files = files_digest(model_folder(self.model, self.revision))
        return digest_of(self.kind, files, BACK_END, RECIPE, self.precision, self.max_length, self.prompt)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors float32 (n, d), row i for text i. A longer text than the model reads is cut at its end.

        A vector does not depend on its neighbours in the batch: in fp32 to 1e-6; in int8 texts go through the model
        one by one, because all numbers of a pass share one scale.

        Raises:
            Unavailable: the model is not here and could not be fetched, or not be exported or kept.
            BadConfig: the folder holds no model that can be exported, or `max_length` is more than it can read.
            Corrupted: the exported files were altered.
        """
        together = self.batch_size if self.precision == "fp32" else 1
        return unit_rows(self._opened().encode([self.prompt + text for text in texts], together))

    def _opened(self) -> OnnxModel:
        return _open(model_folder(self.model, self.revision), self.precision, self.max_length)


# Without a lock, for who encodes must not wait while another thread exports; two who come first read it twice.
@cache
def _open(folder: Path, precision: OnnxPrecision, max_length: int | None) -> OnnxModel:
    return read_model(exported(folder, precision, cache_folder()), max_length)


def cache_folder() -> Path:
    """Where exported models are kept: evertopic/onnx below XDG_CACHE_HOME or ~/.cache.

    Raises:
        Unavailable: there is neither.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evertopic" / "onnx"
    except RuntimeError as fault:
        raise Unavailable("This user has no home folder: set XDG_CACHE_HOME to a folder to keep models in.") from fault

"""Texts to unit vectors. The union below is the only list of the kinds there are."""

from typing import Annotated

from pydantic import Field

from evertopic.embedding.base import Encodes
from evertopic.embedding.encode import encode_all, iter_encoded
from evertopic.embedding.hashing import HashingEncoder
from evertopic.embedding.named_model import NamedModel
from evertopic.embedding.onnx import OnnxEncoder
from evertopic.embedding.sentence_transformer import SentenceTransformerEncoder

Encoder = Annotated[SentenceTransformerEncoder | OnnxEncoder | HashingEncoder, Field(discriminator="kind")]

__all__ = [
    "Encoder",
    "Encodes",
    "HashingEncoder",
    "NamedModel",
    "OnnxEncoder",
    "SentenceTransformerEncoder",
    "encode_all",
    "iter_encoded",
]

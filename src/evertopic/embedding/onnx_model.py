"""A model as onnxruntime runs it: three files of one folder, no torch, no transformers."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from evertopic.digests import digest_bytes
from evertopic.embedding.base import readable
from evertopic.embedding.named_model import check_max_length
from evertopic.errors import Corrupted
from evertopic.records import Floats

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

GRAPH, TOKENIZER, FACTS = "model.onnx", "tokenizer.json", "facts.json"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
BLOCK = 256
"""Texts that are tokens at the same time."""
TOKENS = 512
"""Tokens of a pass at most, padding included: what is computed of more of them leaves the processor's cache."""
PASS = 16
"""Tokens that take as long as a pass takes beside its tokens (MiniLM, one thread; 8 to 32 do about as well)."""


class Facts(BaseModel):
    """What there is to know of an exported model beside its graph."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int
    inputs: tuple[str, ...]
    max_length: int | None
    """Tokens the model was made to read; None: any number."""
    limit: int | None
    """Tokens it has positions for."""
    pad: int
    cut: Literal["left", "right"]
    """Where a longer text loses tokens."""
    files: dict[str, str]
    """The digest of each file beside this one."""


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A model in memory; threads may share it."""

    facts: Facts
    session: "InferenceSession"
    tokenizer: "Tokenizer"

    def encode(self, texts: Sequence[str], together: int) -> Floats:
        """Vectors float32 (n, d), row i for text i, as the model gives them.

        Texts of like length go through the model together, at most `together` of them and `TOKENS` tokens.
        """
        answer = np.empty((len(texts), self.facts.width), np.float32)
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        for start in range(0, len(order), BLOCK):
            block = order[start : start + BLOCK]
            tokens = self.tokenizer.encode_batch_fast([readable(texts[place]) for place in block])
            for rows in passes([len(each) for each in tokens], together):
                answer[[block[row] for row in rows]] = self._run([tokens[row] for row in rows])
        return answer

    def _run(self, tokens: "Sequence[Encoding]") -> Floats:
        longest = max(1, *(len(each) for each in tokens))
        ids, mask, types = (np.zeros((len(tokens), longest), np.int64) for _ in INPUTS)
        ids[:] = self.facts.pad
        for row, each in enumerate(tokens):
            ids[row, : len(each)], mask[row, : len(each)], types[row, : len(each)] = each.ids, 1, each.type_ids
        fed = dict(zip(INPUTS, (ids, mask, types), strict=True))
        (vectors,) = self.session.run(None, {name: fed[name] for name in self.facts.inputs})
        return np.asarray(vectors, np.float32)


def passes(lengths: Sequence[int], together: int) -> list[list[int]]:
    """The places of `lengths` in groups of like length, longest first: `together` and `TOKENS` at most, one at least.

    Of all such groups those that take least, padding and passes counted.

    >>> passes([30, 500, 28, 4, 3], together=4)
    [[1], [0, 2], [3, 4]]
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    least, begins = [0], [0]  # for the first so many texts: what they take, and where their last group begins
    for end in range(1, len(order) + 1):
        ways: list[tuple[int, int]] = []
        for start in range(end - 1, max(0, end - together) - 1, -1):
            tokens = (end - start) * max(1, lengths[order[start]])
            if ways and tokens > TOKENS:
                break
            ways.append((least[start] + PASS + tokens, start))
        cheapest, begin = min(ways)
        least.append(cheapest)
        begins.append(begin)
    groups, end = [], len(order)
    while end:
        groups.append(order[begins[end] : end])
        end = begins[end]
    return groups[::-1]


def read_model(folder: Path, max_length: int | None) -> OnnxModel:
    """The model that was exported to `folder`, reading `max_length` tokens; None: as many as it was made for.

    Raises:
        Corrupted: a file is not what was exported.
        BadConfig: the model cannot read that many tokens.
    """
    facts = Facts.model_validate_json((folder / FACTS).read_bytes())
    if max_length is not None:
        check_max_length(max_length, facts.limit, folder)
    for name, digest in facts.files.items():
        if not (folder / name).is_file() or digest_bytes((folder / name).read_bytes()) != digest:
            raise Corrupted(f"{folder / name} is not the file that was exported: delete {folder}, it is made again.")
    return OnnxModel(facts, _session(folder / GRAPH), _tokenizer(folder / TOKENIZER, facts, max_length))


def _tokenizer(path: Path, facts: Facts, max_length: int | None) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    length = max_length or facts.max_length
    if length is not None:
        tokenizer.enable_truncation(length, direction=facts.cut)
    return tokenizer


def _session(path: Path) -> "InferenceSession":
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = _threads()
    # Threads that wait in a loop take the cores that the rest of the process needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    # The fused layer norm of 1.31 takes eight times as long as the two operators that it replaces.
    unwanted = ["SkipLayerNormFusion"]
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=unwanted)


def _threads() -> int:
    # onnxruntime itself counts the cores of the machine, not those the process may use, and does not read this.
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

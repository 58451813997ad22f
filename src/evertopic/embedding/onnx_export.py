"""From a sentence-transformers model to the files that onnxruntime reads, made once and kept."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from evertopic.digests import digest_bytes, digest_of
from evertopic.embedding.base import unit_rows
from evertopic.embedding.named_model import files_digest
from evertopic.embedding.onnx_graph import inputs_of, write_graph
from evertopic.embedding.onnx_model import FACTS, GRAPH, TOKENIZER, Facts, OnnxModel, read_model
from evertopic.errors import BadConfig, Unavailable
from evertopic.records import Floats

OnnxPrecision = Literal["fp32", "int8"]
RECIPE = 2
"""Raised with every change of the export that changes a vector."""
LEAST_COSINE: dict[OnnxPrecision, float] = {"fp32": 0.99999, "int8": 0.95}
CHECKED = (
    "",
    "a",
    "😀 !!!",
    "Rain fell over the valley, and the river rose by [SEP] two metres.",
    "Der Fluss stieg um zwei Meter. Hujan turun di lembah itu. 雨が谷に降った。Шёл дождь.",
    "The bank raised its rates for the third time in a year. " * 8,
    "many words " * 600,
)


def exported(source: Path, precision: OnnxPrecision, root: Path) -> Path:
    """The folder below `root` that holds the model of the folder `source`; made now where it is not there yet.

    Processes and threads that ask at once wait for the first of them. What was killed on the way leaves nothing that
    is read. Versions of torch and onnx are no part of the name: whatever they write is compared with the model.

    Raises:
        Unavailable: it cannot be kept there, or has to be made and torch is not installed.
        BadConfig: the model is of a kind that is not exported, or its export answers otherwise.
    """
    folder = root / digest_of(files_digest(source), precision, RECIPE)
    if (folder / FACTS).is_file():
        return folder
    try:
        with _alone(folder):
            if not (folder / FACTS).is_file():
                _make(source, precision, root, folder)
    except OSError as fault:
        raise Unavailable(
            f"{root} cannot keep the exported model ({fault}): set XDG_CACHE_HOME to a place that can."
        ) from fault
    return folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(source: Path, precision: OnnxPrecision, root: Path, folder: Path) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    if precision == "fp32":
        _make_full(source, part)
    else:
        _make_small(exported(source, "fp32", root), source, part)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _make_full(source: Path, part: Path) -> None:
    try:
        from evertopic.embedding.sentence_transformer import longest_read, open_model

        model = open_model(source).float().eval()
    except ImportError as fault:
        raise Unavailable(
            f"{source} has to be exported once, and that needs {fault.name}: install it, or copy the folder "
            "evertopic/onnx of the user's cache from a machine where this encoder has run."
        ) from fault
    inputs = inputs_of(model, source)
    write_graph(model, inputs, part / GRAPH)
    model.tokenizer.backend_tokenizer.save(str(part / TOKENIZER))
    _write_facts(
        part,
        Facts(
            width=int(model.get_embedding_dimension() or 0),
            inputs=inputs,
            max_length=model.max_seq_length if (model.max_seq_length or 10**9) < 10**9 else None,
            limit=longest_read(model),
            pad=model.tokenizer.pad_token_id,
            cut=model.tokenizer.truncation_side,
            files={},
        ),
    )
    alone = [model.encode(text, prompt="", show_progress_bar=False) for text in CHECKED]
    compare(np.vstack(alone), read_model(part, None), len(CHECKED), source, "fp32")


def _make_small(full: Path, source: Path, part: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = part / "prepared.onnx"
    quant_pre_process(full / GRAPH, prepared, skip_optimization=True, skip_symbolic_shape=True)
    # Seven bits of the weights: with eight, processors without VNNI overflow, and their vectors would be others.
    quantize_dynamic(
        prepared,
        part / GRAPH,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        reduce_range=True,
    )
    prepared.unlink()
    shutil.copyfile(full / TOKENIZER, part / TOKENIZER)
    _write_facts(part, Facts.model_validate_json((full / FACTS).read_bytes()))
    compare(read_model(full, None).encode(CHECKED, 1), read_model(part, None), 1, source, "int8")


def _write_facts(part: Path, facts: Facts) -> None:
    files = {path.name: digest_bytes(path.read_bytes()) for path in sorted(part.iterdir()) if path.name != FACTS}
    (part / FACTS).write_text(facts.model_copy(update={"files": files}).model_dump_json(indent=2), encoding="utf-8")


def compare(expected: Floats, model: OnnxModel, together: int, source: Path, precision: OnnxPrecision) -> None:
    """Nothing, where the exported model gives the vectors `expected` of the texts `CHECKED`, or nearly so in int8.

    Raises:
        BadConfig: it does not.
    """
    cosines = np.einsum("ij,ij->i", unit_rows(expected), unit_rows(model.encode(CHECKED, together)))
    least = LEAST_COSINE[precision]
    if not cosines.min() >= least:
        raise BadConfig(
            f"Exported in {precision}, the model in {source} gives vectors of cosine {cosines.min():.5f} to its own; "
            f"{least} is required: use precision: fp32 or kind: sentence_transformer."
        )

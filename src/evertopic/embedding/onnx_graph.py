"""The graph of a sentence-transformers model, by torch's own exporter."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evertopic.embedding.onnx_model import INPUTS
from evertopic.errors import BadConfig

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch.nn import Module

OPSET = 20


def inputs_of(model: "SentenceTransformer", source: Path) -> tuple[str, ...]:
    """The names of what goes into the graph of the model in `source`.

    Raises:
        BadConfig: a part of the model is of a kind that is not exported.
    """
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer

    first, *rest = model
    names = [type(part).__name__ for part in model]
    if not isinstance(first, Transformer) or not all(isinstance(part, Pooling | Dense | Normalize) for part in rest):
        raise BadConfig(
            f"The model in {source} is {', '.join(names)}: kind onnx runs Transformer, Pooling, Dense, Normalize; "
            "use kind: sentence_transformer."
        )
    text = first.modality_config.get("text", {})
    given = set(model.preprocess(["two", "words"])) - {"modality"}
    tokenizer = model.tokenizer
    odd = {
        "its answer is not last_hidden_state": text.get("method_output_name") != "last_hidden_state",
        f"it is fed {', '.join(sorted(given))}": not given <= set(INPUTS),
        "its tokenizer is a slow one": not tokenizer.is_fast,
        "it is padded on the left": tokenizer.padding_side != "right",
        "its pooling leaves the prompt out": not all(getattr(part, "include_prompt", True) for part in rest),
    }
    if any(odd.values()):
        reasons = "; ".join(reason for reason, found in odd.items() if found)
        raise BadConfig(f"Kind onnx cannot run the model in {source}: {reasons}. Use kind: sentence_transformer.")
    return tuple(name for name in INPUTS if name in given)


def write_graph(model: "SentenceTransformer", inputs: tuple[str, ...], path: Path) -> None:
    """Write the model, from tokens to vectors, for any number of texts and tokens.

    The model answers the same afterwards, but computes its attention in another way.
    """
    import torch

    example = model.preprocess(["two words", "a few words more than that"])
    free = torch.export.Dim.DYNAMIC
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            _whole(model),
            f=path,
            kwargs={name: example[name] for name in inputs},
            dynamic_shapes={name: {0: free, 1: free} for name in inputs},
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _whole(model: "SentenceTransformer") -> "Module":
    """All parts of the model as one."""
    import torch

    transformer: Any = model.transformers_model
    # The other implementation guards against rows without a single token, which costs a tenth.
    transformer.set_attn_implementation("eager")

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer
            self.rest = torch.nn.ModuleList(list(model)[1:])

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
            features = {"token_embeddings": states, "attention_mask": attention_mask}
            for part in self.rest:
                features = part(features)
            return features["sentence_embedding"]

    return Whole().eval()


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter warns of its own parts' age, and that torchvision is not there."""
    registration = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = registration.level
    registration.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        registration.setLevel(level)

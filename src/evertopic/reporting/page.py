"""HTML pages from templates: everything escaped, every script in the page, nothing loaded from anywhere."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evertopic.reporting import formats
from evertopic.reporting.palette import look_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TEMPLATES = Path(__file__).parent / "templates"


def render_page(template: str, figures: Mapping[str, "Figure"], **context: Any) -> str:
    """The page that `template` describes; `figures` are found in it by `draw(name, caption)`.

    plotly.js is written once, and the page's own policy allows only the scripts written here to run.
    """
    from plotly.offline import get_plotlyjs

    scripts = [script.strip() for script in (get_plotlyjs(), (TEMPLATES / "page.js").read_text("utf-8"))]
    page = _environment().get_template(template)
    text = page.render(
        style=Markup((TEMPLATES / "page.css").read_text("utf-8")),  # noqa: S704  (our own file)
        scripts=[Markup(script) for script in scripts],  # noqa: S704  (our own file and plotly's)
        policy=_policy(scripts),
        figures={name: _as_json(figure) for name, figure in figures.items()},
        **context,
    )
    return formats.writable(text)


def _policy(scripts: list[str]) -> str:
    """Only these scripts, no connection, no foreign picture. WebGL shaders are compiled with eval."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return (
        f"default-src 'none'; script-src {allowed} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _as_json(figure: "Figure") -> Markup:
    """The figure for a JSON script block, which ends at the first `<`: none is left in it."""
    import plotly.io

    text: str = plotly.io.to_json(figure)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  (no character left that HTML reads)


def unbroken(text: str) -> str:
    r"""The text with its per cent signs tied to their numbers.

    >>> unbroken("about 5 %") == "about 5\N{NO-BREAK SPACE}%"
    True
    """
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for write in (formats.number, formats.count, formats.duration, formats.moment, formats.clip):
        environment.filters[write.__name__] = write
    environment.filters["share"] = lambda value: unbroken(formats.share(value))
    environment.filters["unbroken"] = unbroken
    environment.globals.update(between=formats.between, plural=formats.plural, look_of=look_of)
    return environment

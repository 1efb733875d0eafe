"""Formulas as MathML, which browsers draw themselves: a page needs neither a script nor a network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.typing import ExtensionMetadata


def formula(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    """Return a formula as MathML; one that docutils can't read stops the build."""
    source = node.astext()
    several_rows = "\\\\" in source and "\\begin" not in source
    try:
        return str(tex2mathml(f"\\begin{{aligned}}{source}\\end{{aligned}}" if several_rows else source, as_block))
    except MathError as error:
        raise ExtensionError(f"{node.source}:{node.line}: no formula: {source} ({error})") from error


def inline(translator: Any, node: nodes.math) -> None:
    """Write a formula inside a sentence."""
    translator.body.append(formula(node, as_block=False))
    raise nodes.SkipNode


def displayed(translator: Any, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="formula">{formula(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the renderer; `html_math_renderer` names it."""
    app.add_html_math_renderer("mathml", (inline, None), (displayed, None))  # type: ignore[arg-type]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

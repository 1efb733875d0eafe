"""Directives that write tables from the code, so that no page repeats a number that could go stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes
from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from experiments.experiment import Experiment, load
from sim import month
from sim.intake.columns import CUSTOMER_COLUMNS
from sim.mechanism import Mechanisms, mechanisms
from sim.quantities import ASSUMED, Quantity, plain_number, quantities


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def shown(value: Any) -> str:
    """Return a default as a reader would write it."""
    if value is ...:
        return "to be given"
    if value is None or value == {}:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(shown(item) for item in value)
    return plain_number(value) if isinstance(value, int | float) else str(value)


def bounds(number: Quantity) -> str:
    """Return what a number may be."""
    if number.low is None or number.high is None:
        return ""
    return "\u00a0…\u00a0".join(
        f"{limit:,.0f}" if limit == int(limit) else f"{limit:g}" for limit in (number.low, number.high)
    )


def row(number: Quantity) -> tuple[str, ...]:
    """Return one number as a row of a table."""
    source = f"*{ASSUMED}*" if number.source == ASSUMED else number.source
    return f"`{number.path}`", shown(number.default), number.unit, bounds(number), source, number.description


class Generated(SphinxDirective):
    """A directive whose content is Markdown made from the code."""

    optional_arguments = 1
    final_argument_whitespace = True

    def text(self) -> str:
        """Return the Markdown."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the Markdown as nodes."""
        self.env.note_reread()  # the code may have changed where the page hasn't
        return self.parse_text_to_nodes(self.text())

    @property
    def asked(self) -> list[str]:
        """The words of the argument."""
        return self.arguments[0].split() if self.arguments else []


class Parameters(Generated):
    """Numbers whose path begins with one of the words given; all of them if none is."""

    def text(self) -> str:
        """Return the table, and fail where a word fits no number, so that a renamed setting is noticed."""
        numbers = list(quantities(Experiment))
        chosen: list[Quantity] = []
        for word in self.asked or [""]:
            found = [number for number in numbers if not word or f"{number.path}.".startswith(f"{word}.")]
            if not found:
                raise self.error(f"no setting of an experiment is called {word}")
            chosen += found
        return table(("setting", "default", "unit", "range", "source", "meaning"), map(row, chosen))


class Entries(Generated):
    """A setting that holds entries by name, such as the plans: one row an entry."""

    def text(self) -> str:
        """Return the table of the setting's default, or of what a shipped scenario gives."""
        path, *scenario = self.asked
        value: Any = load(scenario[0] if scenario else "shenzhen").settings
        for name in path.split("."):
            value = getattr(value, name)
        entries: Mapping[str, BaseModel] = value
        fields = list(type(next(iter(entries.values()))).model_fields)
        rows = ([f"`{name}`", *(shown(getattr(entry, field)) for field in fields)] for name, entry in entries.items())
        return table(("", *fields), rows)


class Tariffs(Generated):
    """Prices and qualities of a shipped scenario's carriers."""

    def text(self) -> str:
        """Return one row a line, with price and quality of each carrier."""
        settings = load(self.asked[0]).settings
        carriers = settings.carriers
        rows = [
            (
                f"`{line}`",
                *(f"{carrier.price[line]:.2f} / {carrier.quality[line]:.2f}" for carrier in carriers.values()),
            )
            for line in settings.lines
        ]
        return table(("price / quality", *(carrier.label or name for name, carrier in carriers.items())), rows)


class Switches(Generated):
    """The mechanisms that can be switched off."""

    def text(self) -> str:
        """Return one row a switch."""
        declared = mechanisms()
        rows = (
            (
                f"`mechanisms.{name}`",
                shown(info.default),
                info.description or "",
                ", ".join(f"`{array}`" for array in declared[name].moves) if name in declared else "",
            )
            for name, info in Mechanisms.model_fields.items()
        )
        return table(("switch", "default", "what happens while it is on", "what it moves in its first month"), rows)


class Phases(Generated):
    """The steps of a month in their order."""

    def text(self) -> str:
        """Return one row a step."""
        groups = {"opening": month.OPENING, "each week": month.WEEKLY, "closing": month.CLOSING}
        rows = [(when, f"`{step.__name__}`", step.__doc__ or "") for when, steps in groups.items() for step in steps]
        return table(("", "step", "what it does"), rows)


class Columns(Generated):
    """The columns of a customer file."""

    def text(self) -> str:
        """Return one row a column."""
        rows = (
            (
                f"`{column.name}`",
                "**needed**" if column.required else "",
                column.unit,
                column.meaning,
                "see below" if column.kind == "word" and not column.words else column.rule,
            )
            for column in CUSTOMER_COLUMNS
        )
        return table(("column", "", "unit", "meaning", "what a cell may be"), rows)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    directives = {
        "parameters": Parameters,
        "entries": Entries,
        "tariffs": Tariffs,
        "switches": Switches,
        "phases": Phases,
        "customer-columns": Columns,
    }
    for name, directive in directives.items():
        app.add_directive(name, directive)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

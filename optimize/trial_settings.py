"""How a trial's table is to be read, what its treatments are in the menu, and what its outcome is worth."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from optimize.treatment import Audience, Treatment
from sim.names import PLANS
from sim.quantities import Settings, quantity


class Tried(Settings):
    """A treatment of the trial as the menu has it: contacts are a year."""

    visits: int = quantity(0, "visits/year", 0, 366)
    audience: Audience = "decider"
    offer: Literal["none", "A", "B", "C"] = "none"
    discount: float = quantity(0.0, "share of the price", 0, 0.9)
    mail: int = quantity(0, "letters/year", 0, 366)
    calls: int = quantity(0, "calls/year", 0, 366)

    @property
    def treatment(self) -> Treatment:
        """Return the line of the menu.

        >>> Tried(calls=2).treatment.name
        '2 calls'
        """
        return Treatment(self.visits, self.audience, PLANS.index(self.offer), self.discount, self.mail, self.calls)


class Covariate(Settings):
    """What people are told apart by: a column of the table, and where a number is cut."""

    column: str = Field(description="the heading of the table's column")
    edges: tuple[float, ...] = Field(
        default=(), description="of the bins of a number, rising; a number on an edge is above it"
    )

    @model_validator(mode="after")
    def _edges_rise(self) -> Covariate:
        if any(right <= left for left, right in pairwise(self.edges)):
            raise ValueError(f"edges: {list(self.edges)} must rise; write each once, smallest first")
        return self


def _spelled_out(given: Any) -> Any:
    return {"column": given} if isinstance(given, str) else given


class TrialSettings(Settings):
    """A randomised trial of one's own."""

    path: str = Field(description="a .csv, .parquet or .xlsx file, relative to the scenario's folder or KEYSTAY_DATA")
    sheet: str | None = Field(default=None, description="the sheet of an Excel file that has several")
    encoding: str | None = Field(default=None, description="of a CSV file that isn't UTF-8, such as gb18030")
    delimiter: str = Field(default=",", description="what stands between the cells of a CSV file")
    treatment: str = Field(description="the heading of the column that says who got what")
    control: str = Field(description="the word in that column for who got nothing")
    outcome: str = Field(description="the heading of the column of what came of it, a number")
    covariates: dict[
        str, Annotated[Covariate, BeforeValidator(_spelled_out, json_schema_input_type=Covariate | str)]
    ] = Field(default={}, description="what people are told apart by; names that the book knows match its accounts")
    id: str | None = Field(
        default=None, description="the heading of the column of account ids, if accounts are matched by them"
    )
    treatments: dict[str, Tried] = Field(default={}, description="the trial's treatments and what they are in the menu")
    cost: dict[str, float] = quantity({}, "units of the outcome a person", 0, 1e12, help="of a treatment, by its word")
    worth: float = quantity(
        1.0,
        "yuan over the horizon/unit of the outcome",
        1e-12,
        1e12,
        help="retained revenue that an outcome stands for",
    )
    per_spend: bool = Field(default=False, description="whether the outcome is a share of monthly spend")
    use: Literal["in_place", "to_correct"] = Field(
        default="in_place", description="of the model's response: put the trial's uplifts in its place, or correct it"
    )
    most: float = quantity(1.0, "share of the people", 0, 1, help="who may be treated")
    own_variance: float = quantity(
        0.5, "share", 0, 1, help="of a cell's variance that is taken from its own people, the rest from everybody"
    )
    parts: int = quantity(10, "parts", 2, 100, help="of the people for the cross-fitted value")
    halvings: int = quantity(300, "halvings", 0, 10_000, help="at random, that check the corrected value; 0 for none")
    seed: int = quantity(1, "seed", 0, 2**32 - 1, help="of parts and halvings")

"""A folder to start from: a scenario to edit, a file of customers to fill in, and how the two go together."""

from __future__ import annotations

from pathlib import Path

from experiments.experiment import load
from experiments.store import write_new

CITY = """\
# What differs from the shipped city 'shenzhen'. `keystay validate city.yaml` shows all that may be written here.
extends: shenzhen
title: My city
# months: 24                       # horizon of a run
# visit: {hours: 440}              # hours a year that each account manager has for customers
# budgets: {discount: 0.01}        # share of our revenue that may be given away
# rules: {least_visits: {A: 4}}    # visits a year that class A customers must get
# comparison: {replications: 40}   # fresh futures on which the plan is judged
"""
CUSTOMERS = """\
# The same city's tariffs with your own customers, read from customers.csv beside this file.
extends: city.yaml
title: My customers
notes: the response of these customers is assumed, not measured
customers:
  path: customers.csv
  columns:                         # our column: the heading in your file
"""
README = """\
# A place to start

| file | what it is |
| --- | --- |
| `city.yaml` | a scenario that extends the shipped city: `keystay run city.yaml` |
| `customers.csv` | four made-up customers in every column; put yours in their place, leave empty what you don't know |
| `customers.yaml` | a scenario that reads `customers.csv`, and says which of its columns is which |

1. `keystay validate customers.yaml` reads everything and says what would run.
2. `keystay run customers.yaml` plans, tries the plan out on fresh futures, and writes a folder below `results`.
3. `keystay run city.yaml -s months=12` changes one setting without a file.
"""


def write_starter(folder: Path) -> list[str]:
    """Write the starter's files into a folder that has none of them and return their names."""
    files = starter_files()
    write_new(folder, files, "name another folder, or move it away")
    return list(files)


def starter_files() -> dict[str, bytes]:
    """Return the starter's files by name."""
    from sim.intake.template import customer_template

    lines = list(load("shenzhen").settings.lines)
    template = customer_template(lines)
    spend = template[[f"spend.{line}" for line in lines]].sum(axis=1)
    template["plan_x"] = template["plan_x"].mask(template["plan_x"].notna(), spend)  # else the plan alone is a discount
    columns = "".join(f"    {name}: {name}\n" for name in template)
    return {
        "city.yaml": CITY.encode(),
        "customers.yaml": (CUSTOMERS + columns).encode(),
        "customers.csv": template.to_csv(index=False, lineterminator="\n").encode(),
        "README.md": README.encode(),
    }

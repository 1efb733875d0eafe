"""Worth of robust plans: simulated under each outlook in pairs, and weighed as the attitude to risk does."""

from __future__ import annotations

import numpy as np
import pytest

from optimize.decision import ObjectiveSettings
from optimize.outlook import Outlook, RiskSettings
from optimize.risk import caps
from optimize.robust_plan import NOMINAL, NOTHING, ROBUST
from optimize.robust_worth import (
    INFORMED,
    TRIED,
    Tried,
    counted_worth,
    guarded_lead,
    simulated_objective,
    simulated_table,
)
from optimize.worth import Trials

MEASURES = ("retained_revenue", "own_revenue", "programme_cost", "contribution")


def tried(**by_plan):
    """Return two outlooks of three futures with what each plan brings, shape (outlooks, futures)."""
    figures = np.array([by_plan[name] for name in TRIED], dtype=float)
    return Tried(("as_planned", "war"), figures.transpose(1, 2, 0), {})


SURE = tried(
    nothing=[[0, 1, 2], [0, 1, 2]],
    nominal=[[10, 11, 12], [2, 3, 4]],
    robust=[[8, 9, 10], [6, 7, 8]],
    informed=[[10, 11, 12], [9, 10, 11]],
)


def risk(measure, **more):
    return RiskSettings(measure=measure, outlooks={"war": Outlook(probability=0.25)}, **more)


@pytest.mark.parametrize(
    ("asked", "lead"),
    [
        (risk("worst_case"), 4.0),  # 6 against 2 in the war
        (risk("mean"), -0.5),  # -2 with three quarters, +4 with one
        (risk("max_regret"), 4.0),  # regret 2 and 3 against 0 and 7
        (risk("cvar", level=0.5), 1.0),  # -2 and +4 with a half each
        (risk("worst_case", counted="uplift"), 4.0),
    ],
)
def test_a_lead_without_luck_is_found_to_the_yuan(asked, lead):
    found = guarded_lead(SURE, asked, caps(asked))
    assert found.mean == pytest.approx(lead)
    assert (found.low, found.high) == pytest.approx((lead, lead))


def test_a_lead_is_judged_in_pairs_of_futures():
    luck = np.array([[0.0, 50.0, -50.0], [30.0, -20.0, -10.0]])
    shifted = SURE._replace(objective=SURE.objective + luck[:, :, None])
    found = guarded_lead(shifted, risk("mean"), caps(risk("mean")))
    assert found.mean == pytest.approx(-0.5)
    assert found.error == pytest.approx(0, abs=1e-9)


def test_regret_is_never_negative_in_the_mean():
    worth = counted_worth(SURE, risk("max_regret"))
    assert (worth.mean(axis=1) <= 1e-12).all()
    assert worth[:, :, TRIED.index(ROBUST)].mean(axis=1).tolist() == [-2, -3]


def test_the_table_tells_gains_regrets_and_the_lead_over_the_nominal_plan():
    table = simulated_table(SURE).set_index(["outlook", "plan"])
    war = table.loc[("war", ROBUST)]
    assert (war["uplift"], war["regret"], war["against_nominal"], war["replications"]) == (6, 3, 4, 3)
    assert table.loc[("war", NOTHING), "uplift"] == 0
    assert table.loc[("as_planned", NOMINAL), "regret"] == 0
    assert ("war", "best_for_war") in table.index
    assert INFORMED not in table.reset_index()["plan"].to_numpy()


@pytest.mark.parametrize(
    ("objective", "figure"),
    [
        ({"maximise": "retained"}, 1.0),
        ({"maximise": "own_revenue"}, 2.0),
        ({"maximise": "contribution"}, 4.0),
        ({"maximise": "blend", "retained_weight": 2.0}, 6.0),
        ({"maximise": "target_return", "required_return": 0.5}, 2.5),
    ],
)
def test_the_objective_simulated_is_the_one_planned_for(objective, figure):
    trials = Trials(TRIED, MEASURES, np.tile([1.0, 2.0, 3.0, 4.0], (2, len(TRIED), 1)), (1, 2), np.zeros((4, 1)))
    np.testing.assert_allclose(simulated_objective(trials, ObjectiveSettings(**objective)), figure)

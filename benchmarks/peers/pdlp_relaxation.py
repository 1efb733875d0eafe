"""Write out the value of a relaxation by OR-Tools' PDLP, and the seconds of CPU time that it took.

Called by allocators.py in a process of its own: `python pdlp_relaxation.py FILE SECONDS TOLERANCE`.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from ortools.pdlp import solve_log_pb2, solvers_pb2
from ortools.pdlp.python import pdlp
from scipy import sparse


def main(place: str, limit: float, tolerance: float) -> None:
    began = time.process_time()
    given = np.load(place)
    gain, most = given["gain"], given["most"]
    programme = pdlp.QuadraticProgram()
    programme.resize_and_initialize(gain.size, most.size)
    programme.objective_vector = -gain
    programme.variable_lower_bounds, programme.variable_upper_bounds = np.zeros(gain.size), np.ones(gain.size)
    programme.constraint_lower_bounds, programme.constraint_upper_bounds = np.full(most.size, -np.inf), most
    programme.constraint_matrix = sparse.csc_matrix(
        (given["data"], given["indices"], given["indptr"]), shape=(most.size, gain.size)
    )
    settings = solvers_pb2.PrimalDualHybridGradientParams(num_threads=1)
    stop = settings.termination_criteria
    stop.time_sec_limit = limit
    stop.simple_optimality_criteria.eps_optimal_relative = tolerance
    stop.simple_optimality_criteria.eps_optimal_absolute = tolerance
    log = pdlp.primal_dual_hybrid_gradient(programme, settings).solve_log
    solved = log.termination_reason == solve_log_pb2.TERMINATION_REASON_OPTIMAL
    value = -log.solution_stats.convergence_information[0].dual_objective if solved else np.nan
    seconds = min(time.process_time() - began, limit) if solved else limit
    sys.stdout.write(f"{value} {seconds}\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))

"""
General routing solvers on orienteering instances: PyVRP, VROOM and OR-Tools.

Each function gives its tours: for every route the numbers of the points in their order.
All three get both cores where they can use them, and the same time. A solver that is not
installed raises ImportError.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import numpy as np

from benchmarks.toptw import Instance

Tours = list[list[int]]
CORES: Final = 2


def pyvrp(instance: Instance, routes: int, time_limit_s: float) -> Tours:
    """Ask PyVRP: points are clients with a prize that outweighs any detour."""
    from pyvrp import Model  # noqa: PLC0415 - so that the others run without it
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415

    model = Model()
    heavy = int(instance.travel.max()) * 4
    places = [model.add_location(0, 0) for _ in instance.score]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(
        routes, start_depot=depot, end_depot=depot, tw_late=int(instance.closes[0])
    )
    for i in range(1, len(places)):
        model.add_client(
            places[i], service_duration=int(instance.service[i]), tw_early=int(instance.opens[i]),
            tw_late=int(instance.closes[i]), prize=int(instance.score[i]) * heavy, required=False,
        )  # fmt: skip
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            way = int(instance.travel[i, j])
            model.add_edge(here, there, way, way)
    best = model.solve(MaxRuntime(time_limit_s), display=False).best
    if not best.is_feasible():
        return []
    return [[visit.idx + 1 for visit in _clients(route)] for route in best.routes()]


def _clients(route: object) -> list[object]:
    return [visit for visit in route.schedule() if visit.is_client()]


def vroom(instance: Instance, routes: int, time_limit_s: float) -> Tours:
    """Ask VROOM: scores are priorities, which end at 100; it may stop before its time is up."""
    import vroom  # noqa: PLC0415

    asked = vroom.Input()
    asked.set_durations_matrix("car", instance.travel.astype(np.uint32))
    day = vroom.TimeWindow(0, int(instance.closes[0]))
    for number in range(1, routes + 1):
        asked.add_vehicle(vroom.Vehicle(number, start=0, end=0, time_window=day))
    for i in range(1, len(instance.score)):
        asked.add_job(
            vroom.Job(
                i,
                location=i,
                default_service=int(instance.service[i]),
                priority=min(100, int(instance.score[i])),
                time_windows=[vroom.TimeWindow(int(instance.opens[i]), int(instance.closes[i]))],
            )
        )
    solution = asked.solve(
        exploration_level=5, nb_threads=CORES, timeout=dt.timedelta(seconds=time_limit_s)
    )
    steps = solution.routes
    steps = steps[steps["type"] == "job"]
    return [group["id"].astype(int).tolist() for _, group in steps.groupby("vehicle_id")]


def ortools(instance: Instance, routes: int, time_limit_s: float) -> Tours:
    """Ask OR-Tools: leaving a point out costs its score; guided local search, on one core."""
    from ortools.constraint_solver import pywrapcp  # noqa: PLC0415
    from ortools.constraint_solver import routing_enums_pb2 as ways_to_search  # noqa: PLC0415

    manager = pywrapcp.RoutingIndexManager(len(instance.score), routes, 0)
    model = pywrapcp.RoutingModel(manager)
    ways = [[int(way) for way in row] for row in instance.travel]
    onward = [
        [int(stay) + way for way in row] for stay, row in zip(instance.service, ways, strict=True)
    ]
    heavy = int(instance.travel.max()) * 4
    travel = model.RegisterTransitMatrix(ways)
    model.SetArcCostEvaluatorOfAllVehicles(travel)
    day_s = int(instance.closes[0])
    model.AddDimension(model.RegisterTransitMatrix(onward), day_s, day_s, False, "time")
    clock = model.GetDimensionOrDie("time")
    for i in range(1, len(instance.score)):
        node = manager.NodeToIndex(i)
        late = min(day_s, int(instance.closes[i]))
        if instance.opens[i] > late:
            model.solver().Add(model.ActiveVar(node) == 0)
        else:
            clock.CumulVar(node).SetRange(int(instance.opens[i]), late)
        model.AddDisjunction([node], int(instance.score[i]) * heavy)
    how = pywrapcp.DefaultRoutingSearchParameters()
    first, then = ways_to_search.FirstSolutionStrategy, ways_to_search.LocalSearchMetaheuristic
    how.first_solution_strategy = first.PARALLEL_CHEAPEST_INSERTION
    how.local_search_metaheuristic = then.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(round(1000 * time_limit_s))
    found = model.SolveWithParameters(how)
    if found is None:
        return []
    return [_tour(manager, model, found, number) for number in range(routes)]


def _tour(manager: object, model: object, found: object, number: int) -> list[int]:
    points, at = [], model.Start(number)
    while not model.IsEnd(at):
        points.append(manager.IndexToNode(at))
        at = found.Value(model.NextVar(at))
    return points[1:]


PEERS: Final[dict[str, Callable[[Instance, int, float], Tours]]] = {
    "pyvrp": pyvrp,
    "vroom": vroom,
    "ortools": ortools,
}

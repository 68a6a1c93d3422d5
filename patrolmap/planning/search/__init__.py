"""
The search: a large neighbourhood search with simulated annealing, compiled by numba.

Each iteration takes some stops out of the routes (*ruin*), puts stops back greedily but
with noise (*recreate*), and keeps the result if it is better or, while the temperature
is high, not much worse. Three things make it fast:

* Every route knows for each of its nodes the latest start that keeps the rest feasible,
  so that testing one insertion costs a handful of operations (Savelsbergh 1992).
* A *column* holds the cheapest insertion of every stop into one route; it is computed
  for all stops at once by a loop without branches, which the compiler turns into vector
  instructions. Only changed routes are computed anew.
* A rejected iteration is undone by copying back the routes it touched.

A column ignores distance limits and the gaps between visits to one place; `find_seat`
knows them all and has the last word on every insertion. A stop that needs several crews
is inserted into all their routes or into none.

Modules, each using those before it: `compiling` (numba), `arrays` (what the search works
on), `timetable` (when a crew is where), `insertion`, `ruin`, `worth`, `annealing` and `tours`
(what the engine calls).

A crew alone under wide windows is caught in the first kind of day it finds; for it a part of
the search begins from days made in one piece by a dynamic programme (`tours`).

References
----------
Shaw (1998), Using constraint programming and local search methods to solve vehicle
routing problems, CP98. Schrimpf et al. (2000), Record breaking optimization results
using the ruin and recreate principle, J. Comput. Phys. 159:139. Christiaens and Vanden
Berghe (2020), Slack induction by string removals, Transportation Science 54:417.
Savelsbergh (1992), The vehicle routing problem with time windows: minimizing route
duration, ORSA J. Computing 4:146.
"""

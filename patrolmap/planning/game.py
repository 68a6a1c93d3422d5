"""
The security game: how often each plan is to be drawn, so that a watcher gains least.

One who watches the patrols knows how often each place is visited, chooses a span of the
day, and in it the place where that serves him best. A mixture of plans leaves him the
least to gain by a linear program.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

# The solver lets pass what is wrong by 1e-7. Where the greatest worth counts as a thousand, a
# mixture may give up a thousand times that to be spread out, which is next to nothing.
GREATEST: Final = 1e3
SLACK: Final = 1e-4
ROUNDING: Final = 1e-7  # a smaller share is none


class Game(NamedTuple):
    """
    P plans against whoever may choose among T targets in S spans.

    Parameters
    ----------
    cover
        Shape (P, T): whether a plan visits a target.
    covered, uncovered
        Shape (T,): what the choice of a target is worth to us where it is visited, and
        where it is not; not less in the first case.
    span
        Shape (T,), from 0: the span each target belongs to.
    """

    cover: Flags
    covered: Floats
    uncovered: Floats
    span: Whole


class Mixture(NamedTuple):
    """
    A mixed strategy.

    Parameters
    ----------
    shares
        Shape (P,), of sum 1: how often each plan is drawn.
    values
        Shape (S,): what each span is worth to us at the worst.
    chances
        Shape (T,): how often each target is visited.
    weights
        Shape (T,), the duals, of sum 1 in each span: how often one who knows the mixture
        would choose each target.
    """

    shares: Floats
    values: Floats
    chances: Floats
    weights: Floats


def best_mixture(game: Game, *, most: float = 1.0) -> Mixture:
    """
    Find the mixture that gains most where others choose last, spread over many plans.

    Parameters
    ----------
    game
        At least one plan and one target.
    most
        The greatest share any plan may have, if there are plans enough for that.

    Raises
    ------
    ValueError
        If there is no plan or no target.

    Notes
    -----
    Maximise the sum of the spans' values :math:`d_s` so that, for every target t of span s,
    :math:`d_s ≤ c_t U^c_t + (1 - c_t) U^u_t` where :math:`c_t = Σ_p x_p a_{pt}`,
    :math:`Σ_p x_p = 1`, :math:`0 ≤ x_p ≤` `most`. Each span is a game of its own; they share the
    plans. Of all mixtures that reach the same values, the one whose most frequent plan is
    rarest is taken.

    References
    ----------
    Kiekintveld et al. (2009), Computing optimal randomized resource allocations for massive
    security games, AAMAS 2009 (the linear program over coverage, zero-sum form); Paruchuri
    et al. (2008), Playing games for security, AAMAS 2008 (one opponent a type; here a span).

    Examples
    --------
    Two plans visit one target each; the first target is worth twice as much, so it is
    visited two days of three, and either choice costs 2/3.

    >>> game = Game(np.eye(2, dtype=bool), np.zeros(2), np.array([-2.0, -1.0]), np.zeros(2, int))
    >>> best_mixture(game).shares.round(3).tolist(), best_mixture(game).values.round(3).tolist()
    ([0.667, 0.333], [-0.667])
    """
    if not all(game.cover.shape):
        raise ValueError("a game needs a plan and a target")
    most = max(most, 1.0 / len(game.cover))
    scale = float(np.abs([game.covered, game.uncovered]).max()) / GREATEST or 1.0
    scaled = game._replace(covered=game.covered / scale, uncovered=game.uncovered / scale)
    found = _solve_for_values(scaled, most)
    shares = _spread(scaled, found)
    return found._replace(shares=shares, values=found.values * scale, chances=shares @ game.cover)


def _solve_for_values(game: Game, most: float) -> Mixture:
    """Maximise the values; variables are the shares, then the values."""
    plans, spans = len(game.cover), int(game.span.max()) + 1
    cost = np.concatenate([np.zeros(plans), -np.ones(spans)])
    solved = linprog(
        cost,
        A_ub=hstack([_gains(game), _by_span(game.span, spans)]).tocsr(),
        b_ub=game.uncovered,
        A_eq=np.concatenate([np.ones(plans), np.zeros(spans)])[None, :],
        b_eq=[1.0],
        bounds=[(0, most)] * plans + [(None, None)] * spans,
        method="highs",
    )
    shares = _normalised(solved.x[:plans])
    weights = np.maximum(-solved.ineqlin.marginals, 0.0)
    return Mixture(shares, solved.x[plans:], shares @ game.cover, weights)


def _spread(game: Game, found: Mixture) -> Floats:
    """
    Keep the values and make the greatest share as small as may be; it is the last variable.

    Where the solver sees no way, for its rounding, the mixture stays as it was found.
    """
    plans = len(game.cover)
    keep = hstack([_gains(game), csr_array((len(game.span), 1))])
    rarest = hstack([coo_array(np.eye(plans)), coo_array(-np.ones((plans, 1)))])
    solved = linprog(
        np.append(np.zeros(plans), 1.0),
        A_ub=vstack([keep, rarest]).tocsr(),
        b_ub=np.concatenate([game.uncovered - found.values[game.span] + SLACK, np.zeros(plans)]),
        A_eq=np.append(np.ones(plans), 0.0)[None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    return _normalised(solved.x[:plans]) if solved.success else found.shares


def _gains(game: Game) -> coo_array:
    """Shape (T, P): minus what each plan adds to the worth of each target."""
    return coo_array(-(game.cover * (game.covered - game.uncovered)).T)


def _by_span(span: Whole, spans: int) -> coo_array:
    rows = np.arange(len(span))
    return coo_array((np.ones(len(span)), (rows, span)), shape=(len(span), spans))


def _normalised(shares: Floats) -> Floats:
    kept = np.where(shares > ROUNDING, shares, 0.0)
    return np.asarray(kept / kept.sum())


def worst(game: Game, shares: Floats) -> Floats:
    """Give what each span is worth to us at the worst, under any mixture: shape (S,)."""
    chances = shares @ game.cover
    worth = chances * game.covered + (1.0 - chances) * game.uncovered
    values = np.full(int(game.span.max()) + 1, np.inf)
    np.minimum.at(values, game.span, worth)
    return values


def draw(shares: Floats, days: int, rng: np.random.Generator) -> Whole:
    """
    Draw a plan for each day so that even a short week keeps to the shares.

    Each plan is drawn as often as its share asks for, rounded down or up; on which days,
    nobody can tell.

    Parameters
    ----------
    shares
        Shape (P,), of sum 1.
    days
        How many to draw.
    rng
        Where chance comes from.

    Returns
    -------
    plans
        Shape (days,): the number of a plan for each day.

    References
    ----------
    Systematic sampling in random order: Madow (1949), On the theory of systematic sampling
    II, Annals of Mathematical Statistics 20:333; every chance is exactly the share.

    Examples
    --------
    >>> drawn = draw(np.array([0.5, 0.25, 0.25]), 4, np.random.default_rng(1))
    >>> np.bincount(drawn).tolist()
    [2, 1, 1]
    """
    order = rng.permutation(np.flatnonzero(shares > 0))
    ends = np.cumsum(shares[order]) * days
    points = np.arange(days) + rng.random()
    found = np.minimum(np.searchsorted(ends, points, side="right"), len(order) - 1)
    return np.asarray(rng.permutation(order[found]), dtype=np.int64)

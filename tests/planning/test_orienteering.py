from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.planning.orienteering import Streets, best_walk, find_rounds


def streets_of(*pieces):
    """Lay pieces: tail, head, length, and value where it is not the length."""
    tail, head = (np.array([piece[i] for piece in pieces], dtype=np.int32) for i in (0, 1))
    length_m = np.array([piece[2] for piece in pieces], dtype=float)
    value = np.array([piece[-1] for piece in pieces], dtype=float)
    return Streets(tail, head, length_m, value, find_rounds(tail, head, length_m))


def value_of(streets, walked):
    whole = streets.value[walked.times > 0].sum()
    if walked.part < 0:
        return whole
    return whole + streets.value[walked.part] * walked.part_m / streets.length_m[walked.part]


def length_of(streets, walked):
    return float(walked.times @ streets.length_m) + 2 * walked.part_m


def is_closed_walk(streets, times):
    """Say whether pieces walked so often make one round from corner 0."""
    passed = np.bincount(streets.tail, times, 99) + np.bincount(streets.head, times, 99)
    found = {0}
    for _ in times:
        found |= {
            corner
            for a, b, often in zip(streets.tail, streets.head, times, strict=True)
            if often and {a, b} & found
            for corner in (a, b)
        }
    used = {corner for corner in range(99) if passed[corner]}
    return not (passed % 2).any() and used <= found


def best_by_trying_all(streets, longest_m):
    return max(
        streets.value[np.array(times) > 0].sum()
        for times in product((0, 1, 2), repeat=len(streets.tail))
        if np.array(times) @ streets.length_m <= longest_m
        and is_closed_walk(streets, np.array(times))
    )


def by_radius(streets, longest_m):
    """Value the walk that goes equally far into every street, out and back, as it once was."""
    far = {0: 0.0}
    for _ in streets.tail:
        for a, b, metres in zip(streets.tail, streets.head, streets.length_m, strict=True):
            for near, end in ((a, b), (b, a)):
                if near in far:
                    far[end] = min(far.get(end, np.inf), far[near] + metres)

    def inside_m(radius):
        ends = np.array([[far.get(c, np.inf) for c in e] for e in (streets.tail, streets.head)])
        return np.minimum(np.clip(radius - ends, 0, None).sum(axis=0), streets.length_m)

    low, high = 0.0, 2 * streets.length_m.sum()
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if inside_m(middle).sum() <= longest_m / 2 else (low, middle)
    return float(inside_m(low) @ (streets.value / streets.length_m))


def test_a_block_is_walked_around_and_not_out_and_back():
    square = streets_of((0, 1, 50), (1, 2, 50), (2, 3, 50), (3, 0, 50))
    walked = best_walk(square, 200)
    assert walked.times.tolist() == [1, 1, 1, 1]
    assert walked.part == -1


def test_of_two_dead_ends_the_one_that_matters_is_walked():
    walked = best_walk(streets_of((0, 1, 50, 10), (0, 2, 50, 100)), 100)
    assert walked.times.tolist() == [0, 2]


def test_length_that_is_left_goes_into_a_street_as_far_as_it_reaches():
    walked = best_walk(streets_of((0, 1, 50, 500), (2, 1, 40, 40)), 130)
    assert walked.times.tolist() == [2, 0]
    assert (walked.part, walked.from_tail, walked.part_m) == (1, False, 15)


def test_a_ring_road_is_walked_once_and_its_approach_twice():
    walked = best_walk(streets_of((0, 1, 30), (1, 1, 100)), 160)
    assert walked.times.tolist() == [2, 1]


def test_no_streets_and_no_time_make_no_walk():
    nothing = streets_of()
    assert best_walk(nothing, 500).times.tolist() == []
    assert best_walk(streets_of((0, 1, 50)), 0).times.tolist() == [0]
    assert best_walk(streets_of((0, 1, 50)), -9).part == -1


def test_streets_that_do_not_begin_where_the_walk_does_are_not_walked():
    walked = best_walk(streets_of((0, 1, 10), (2, 3, 10, 900)), 100)
    assert walked.times.tolist() == [2, 0]


corners = st.integers(0, 4)
some_streets = st.lists(
    st.tuples(corners, corners, st.integers(5, 90), st.sampled_from([1, 1, 3, 5])),
    min_size=1, max_size=6,
).map(lambda rows: streets_of(*((a, b, m, m * w) for a, b, m, w in rows)))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(streets=some_streets, share=st.floats(0.1, 2.2))
def test_a_walk_is_closed_within_its_length_and_near_the_best_there_is(streets, share):
    longest_m = share * streets.length_m.sum()
    walked = best_walk(streets, longest_m)
    assert is_closed_walk(streets, walked.times)
    assert length_of(streets, walked) <= longest_m + 1e-6
    value = value_of(streets, walked)
    assert value >= 0.9 * best_by_trying_all(streets, longest_m)
    assert value >= by_radius(streets, longest_m) - 1e-6
    assert (walked.times == best_walk(streets, longest_m).times).all()
    if walked.part >= 0:
        corner = (streets.tail if walked.from_tail else streets.head)[walked.part]
        come_by = {0, *streets.tail[walked.times > 0], *streets.head[walked.times > 0]}
        assert corner in come_by

"""Room for arrays: side by side, apart from each other, from the start of a line."""

from __future__ import annotations

import numpy as np

from sim.memory import LINE, copies, side_by_side

WANTED = [((3,), np.int8), ((2, 5), np.float32), ((0,), np.int64), ((4,), np.uint64)]


def test_each_array_has_its_shape_and_kind_and_is_nil():
    arrays = side_by_side(WANTED)
    assert [(array.shape, array.dtype) for array in arrays] == [(shape, np.dtype(kind)) for shape, kind in WANTED]
    assert not any(array.any() for array in arrays)


def test_each_array_begins_a_line_and_is_in_one_piece():
    for array in filter(np.size, side_by_side(WANTED)):
        assert array.ctypes.data % LINE == 0
        assert array.flags.c_contiguous
        assert array.flags.aligned


def test_writing_to_an_array_leaves_the_others_as_they_were():
    arrays = side_by_side(WANTED)
    for number, array in enumerate(arrays, start=1):
        array[...] = number
    assert all((array == number).all() for number, array in enumerate(arrays, start=1))


def test_copies_hold_the_same_and_are_arrays_of_their_own():
    given = [np.arange(3, dtype=np.int16), np.array([[1.5], [2.5]], dtype=np.float32)[:, ::-1]]
    made = copies(given)
    assert all(
        np.array_equal(copy, array) and copy.dtype == array.dtype for copy, array in zip(made, given, strict=True)
    )
    made[0][:] = 7
    assert given[0].tolist() == [0, 1, 2]

"""The ranking of segments, scored from the book (D4, D5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.book import Book
from sim.segment import PATHS, SegmentSettings, Tree, segment_path
from sim.segment_priority import PER_YEAR, Known, priority_table

Floats = NDArray[np.float64]


def book_segments(book: Book, settings: SegmentSettings) -> Tree:
    """Return each customer's leaf of the three-level tree, from the book only."""
    return segment_path(book.ours, book.decision, known_spend(book), book.location, settings)


def known_spend(book: Book) -> Floats:
    """Return spend with us and, where the book shows it, with rivals, yuan/month, shape (customers,)."""
    return np.asarray(book.own_spend.astype(float) + np.nan_to_num(book.rival_spend.astype(float)).sum(axis=0))


def segment_table(book: Book, settings: SegmentSettings) -> pd.DataFrame:
    """Return the segments of a book by priority, with the score of every criterion; one row a segment."""
    known = Known(
        path=book_segments(book, settings).path,
        own_spend=book.own_spend.astype(float),
        spend=known_spend(book),
        growth=np.expm1(PER_YEAR * np.log1p(book.growth.astype(float))),
        rival_lines=1 - book.ours.mean(axis=0),
    )
    return priority_table(known, PATHS, settings.priority)

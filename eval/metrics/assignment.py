"""Which rows go with which columns, so that their similarities sum to the most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def best_pairs(similarity: ArrayLike) -> list[tuple[int, int]]:
    """The pairs of rows and columns with the largest total, each row and column at most once.

    The Hungarian method with potentials and shortest augmenting paths, in cubic time. Source: Kuhn,
    The Hungarian method for the assignment problem, 1955; Jonker and Volgenant, 1987.

    Args:
        similarity: Shape `(rows, columns)`, none negative.

    Returns:
        As many pairs as the shorter side has places, sorted; none where a side is empty.
    """
    matrix = np.asarray(similarity, dtype=np.float64)
    if not matrix.size:
        return []
    if matrix.shape[0] > matrix.shape[1]:
        return sorted((row, column) for column, row in best_pairs(matrix.T))
    column_of = _assign((-matrix).tolist())
    return list(enumerate(column_of))


def _assign(cost: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row at the least total cost, for no more rows than columns."""
    rows, columns = len(cost), len(cost[0])
    row_price = [0.0] * rows
    column_price = [0.0] * (columns + 1)
    holder = [-1] * (columns + 1)  # the last column is an anchor from which the search starts
    for row in range(rows):
        holder[columns] = row
        at = columns
        shortest = [float("inf")] * columns
        came_from = [columns] * columns
        done = [False] * (columns + 1)
        while holder[at] != -1:
            done[at] = True
            held = holder[at]
            step, following = float("inf"), at
            for column in range(columns):
                if done[column]:
                    continue
                reduced = cost[held][column] - row_price[held] - column_price[column]
                if reduced < shortest[column]:
                    shortest[column], came_from[column] = reduced, at
                if shortest[column] < step:
                    step, following = shortest[column], column
            for column in range(columns + 1):
                if done[column]:
                    row_price[holder[column]] += step
                    column_price[column] -= step
                elif column < columns:
                    shortest[column] -= step
            at = following
        while at != columns:
            holder[at] = holder[came_from[at]]
            at = came_from[at]
    result = [-1] * rows
    for column in range(columns):
        if holder[column] != -1:
            result[holder[column]] = column
    return result

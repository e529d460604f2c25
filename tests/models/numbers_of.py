# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Numbers for an input, the same everywhere and for ever."""

import numpy as np


def make(row):
    """An array as `row` says: name, type, shape, and scalar, range or scale."""
    if "scalar" in row:
        return np.array(row["scalar"], row["type"])
    count = int(np.prod(row["shape"], dtype=np.int64))
    state = (np.arange(count, dtype=np.uint64) + np.uint64(1)) * \
        np.uint64(2654435761) % np.uint64(1 << 32)
    state = (state ^ (state >> np.uint64(15))) * np.uint64(2246822519) % \
        np.uint64(1 << 32)
    if "range" in row:
        low, high = row["range"]
        numbers = low + state % np.uint64(high - low)
    else:
        numbers = state / 2.0 ** 32 * row.get("scale", 1)
    return numbers.astype(row["type"]).reshape(row["shape"])

# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Feature map → 1000 scores: how classifiers of pictures end."""


def head(m, x):
    x = m.keep(m.node("GlobalAveragePool", [x]), x)
    x = m.keep(m.node("Flatten", [x], axis=1), x)
    x = m.dense(x, 1000, "logits")
    m.node("Softmax", [x], "scores", axis=-1)
    m.output("scores", [1, 1000])
    return m

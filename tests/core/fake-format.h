/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* "reversed": all elements in reverse order, and 64 bytes more. */
#pragma once

#include "pipeline-core/op/dnn-op.h"

/* Reversed or plain, of that argument. */
DnnFormat *fake_new_format (gboolean reversed, const DnnCallArg *arg);

/* The input can already have it. */
gboolean fake_hints_reversed (const DnnOffers *offers, guint idx);
/* Elements of a known shape. */
gsize fake_count (const DnnCallArg *arg);

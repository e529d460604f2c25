/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Visibility of public symbols: nothing comes in, DNN_API goes out. */
#pragma once

#include <glib.h>

#define DNN_API __attribute__ ((visibility ("default")))

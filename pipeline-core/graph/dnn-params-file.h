/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* The layout of a params file: TVM's NDArray dictionary, little-endian.
 *
 *   u64 list magic, u64 reserved
 *   u64 count, then each name: u64 length, bytes
 *   u64 count, then each array: u64 magic, u64 reserved, i32 device type,
 *     i32 device id, i32 ndim, u8 type code, u8 bits, u16 lanes,
 *     i64 shape[ndim], i64 bytes, data */
#pragma once

#define DNN_PARAMS_LIST_MAGIC G_GUINT64_CONSTANT (0xF7E58D4F05049CB7)
#define DNN_PARAMS_ARRAY_MAGIC G_GUINT64_CONSTANT (0xDD5E40F096B4A13F)

/* Bytes before shape[]. */
#define DNN_PARAMS_ARRAY_HEAD 32

/* Most arrays in one file. */
#define DNN_PARAMS_MAX_ARRAYS (1 << 20)
#define DNN_PARAMS_MAX_NAME 4096

/* Our fillers have this prefix and a number; no node is called so. */
#define DNN_PARAMS_FILLER "_pad_"

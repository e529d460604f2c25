/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Non-maximum suppression: candidate boxes → those that stand for an object
 * each. Next: gstdnndetect.c. */
#pragma once

#include "gst-plugin/heads/gstdnnhead.h"

G_BEGIN_DECLS

/* Area of the intersection over that of the union, 0 to 1. */
gfloat gst_dnn_box_iou (const GstDnnBox *a, const GstDnnBox *b);

/**
 * gst_dnn_nms:
 * @boxes: (element-type GstDnnBox): candidates; those kept are left in it, the
 *   surest first
 * @iou_threshold: a box that covers a surer one of its class by more goes; at
 *   1 all stay
 * @max: most boxes to keep
 *
 * Classes do not suppress one another. Boxes of equal score keep their order,
 * so that the result does not depend on the sort. Allocates nothing.
 */
void gst_dnn_nms (GArray *boxes, gfloat iou_threshold, guint max);

G_END_DECLS

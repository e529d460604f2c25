/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Children in NULL → in READY. Next: gstdnnbin.c, gstdnnvideobin.c. */
#include "config.h"

#include "gst-plugin/stream/gstdnnready.h"

gboolean
gst_dnn_ready_children (GstBin *bin)
{
  GstIterator *children = gst_bin_iterate_elements (bin);
  GValue item = G_VALUE_INIT;
  gboolean ok = TRUE;

  while (ok && gst_iterator_next (children, &item) == GST_ITERATOR_OK) {
    ok = gst_element_set_state (g_value_get_object (&item), GST_STATE_READY) !=
        GST_STATE_CHANGE_FAILURE;
    g_value_reset (&item);
  }
  g_value_unset (&item);
  gst_iterator_free (children);
  return ok;
}

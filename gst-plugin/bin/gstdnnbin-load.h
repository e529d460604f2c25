/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What dnnbin is to run: files and what the user says of them. */
#pragma once

#include "pipeline-core/base/dnn-target.h"
#include "pipeline-core/config/dnn-pipeline-config.h"

G_BEGIN_DECLS

/* Copies of the properties, so that nothing is read while it is set. */
typedef struct
{
  gchar *config_path, *model, *shape, *cuts, *precision; /* (nullable) */
  gchar *instances;
  DnnPipelineConfig *configuration; /* (nullable): made in the program */
  gint stages, threads;
  guint max_in_flight;
  DnnTarget target;
} GstDnnBinSettings;

void gst_dnn_bin_settings_clear (GstDnnBinSettings *settings);

/* The file that all comes from. (nullable) */
const gchar *gst_dnn_bin_settings_get_file (const GstDnnBinSettings *settings);

/* Reads or compiles. VALUE where they contradict each other, NOT_FOUND where
 * nothing is set, or the errors of dnn_load_pipeline(). (transfer full) */
DnnPipelineConfig *gst_dnn_bin_load (
    const GstDnnBinSettings *settings, GError **error);

G_END_DECLS

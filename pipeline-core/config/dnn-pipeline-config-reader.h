/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* What dnn-pipeline-config-read.c and -read-bindings.c share: one run over the
 * files of a configuration that goes on after an error. */
#pragma once

#include "pipeline-core/config/dnn-pipeline-config-private.h"

G_BEGIN_DECLS

/* More of them help nobody; a hostile file could have millions. */
#define DNN_MAX_CONFIG_ERRORS 1000

/* A part of the configuration: a file of its own, or an object in `config`. */
typedef struct
{
  gchar *path; /* the file it stands in; names paths relative to it */
  JsonNode *json;
  DnnJsonPlace place; /* of json; its root is path */
} DnnConfigPart;

typedef struct
{
  DnnPipelineConfig *config;
  GPtrArray *errors; /* GError *, in order of place */
  DnnConfigPart main, load, pipeline;
  GHashTable *misspelt; /* "OBJECT KEY" of keys that stand there misspelt:
                           that they are missing is no error of its own */
  GHashTable *missing; /* paths of files that are not there: said once */
  gboolean is_full; /* more bindings than are read: said once */
  gboolean stages_are_incomplete; /* some entry of load_config has no usable
                                     number: an unknown number is no error */
} DnnConfigReader;

/* Takes @error; FALSE. */
gboolean dnn_config_reader_note (DnnConfigReader *self, GError *error);
/* Missing bindings are no errors of their own any more. */
void dnn_config_reader_excuse_all (DnnConfigReader *self);
/* Helpers that note what they refuse. */
void dnn_config_reader_check_keys (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *const *known);
gboolean dnn_config_reader_get_object (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, JsonObject **object);
gboolean dnn_config_reader_get_list (DnnConfigReader *self, JsonNode *json,
    const DnnJsonPlace *place, JsonArray **list);
/* A member that must be there. */
JsonNode *dnn_config_reader_get_member (DnnConfigReader *self,
    JsonObject *object, const DnnJsonPlace *place, const gchar *key);
gboolean dnn_config_reader_get_int (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, const gchar *key, gint min, gint max,
    gint *value);
gboolean dnn_config_reader_get_string (DnnConfigReader *self,
    JsonObject *object, const DnnJsonPlace *place, const gchar *key,
    const gchar **value);
/* "TYPE,ID" of module @mod_idx, if the key is there. */
gboolean dnn_config_reader_get_dev (DnnConfigReader *self, JsonObject *object,
    const DnnJsonPlace *place, gint mod_idx, gint *type, gint *id);

/* pipeline_config → settings and bindings of the stages that are there. */
void dnn_config_reader_read_bindings (DnnConfigReader *self);

G_END_DECLS

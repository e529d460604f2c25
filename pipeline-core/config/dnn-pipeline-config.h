/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* A pipeline configuration: stages and the bindings between them. JSON files →
 * DnnPipelineConfig (dnn-pipeline-config-read.c), back in -write.c; the rules
 * of a legal binding in dnn-pipeline-config-bind.c.
 * Next: gst-plugin/gstdnnbin.c. */
#pragma once

#include "pipeline-core/plan/dnn-module.h"

G_BEGIN_DECLS

/* Limits on files, so that a hostile one fails early. */
#define DNN_MAX_STAGES 256
#define DNN_MAX_BINDINGS 4096
#define DNN_MAX_CONFIG_BYTES (16 << 20)

/* Ranges of a stage's settings. */
#define DNN_MAX_MOD_IDX 65535
#define DNN_MAX_THREADS 1024
#define DNN_MAX_QUEUE_DEPTH 1024
#define DNN_MAX_INSTANCES 64
/* As many as CPUs, memory and the frames that are let in allow. */
#define DNN_INSTANCES_AUTO (-1)
#define DNN_MAX_GLOBAL_OUTPUTS 256

typedef enum
{
  DNN_INTERFACE_GLOBAL_INPUT, /* name */
  DNN_INTERFACE_MODULE_INPUT, /* mod_idx, name */
  DNN_INTERFACE_MODULE_OUTPUT, /* mod_idx, index */
  DNN_INTERFACE_GLOBAL_OUTPUT, /* index */
  DNN_INTERFACE_PARAM_GROUP, /* name */
  DNN_INTERFACE_MODULE_PARAMS, /* mod_idx */
} DnnInterfaceKind;

/* One end of a binding. A value type. */
typedef struct
{
  DnnInterfaceKind kind;
  gint mod_idx;
  gint index;
  gchar *name;
} DnnInterface;

/* One binding. */
typedef struct
{
  DnnInterface src;
  DnnInterface dst;
} DnnBind;

/* One stage: a module, or any other element. Owned by the configuration. */
typedef struct
{
  gint mod_idx;
  DnnModule *module; /* NULL for an element */
  gchar *element; /* launch text of one element; NULL for a module */
  /* as in load_config, absolute or as given; NULL for what is in memory */
  gchar *lib_name, *json_path, *params_path;
  gint dev_type, dev_id; /* DLPack device; 1, 0 */
  gchar *cpu_affinity; /* "" none */
  gint threads; /* team of one instance; 0: as the element says, 1 */
  gchar *precision; /* NULL: "f32"; "bf16", "int8" */
  gint queue_depth; /* 0: default 2 */
  gint instances; /* 1 to 64 or DNN_INSTANCES_AUTO; 0: as the element says,
                     which is auto in dnnbin */
} DnnStage;

/**
 * dnn_instances_parse: (skip)
 * @text: (nullable): "auto" or "1" to "64"
 *
 * As options and properties say it. VALUE otherwise.
 */
DNN_API gboolean dnn_instances_parse (
    const gchar *text, gint *instances, GError **error);

#define DNN_TYPE_PIPELINE_CONFIG (dnn_pipeline_config_get_type ())
DNN_API
G_DECLARE_FINAL_TYPE (
    DnnPipelineConfig, dnn_pipeline_config, DNN, PIPELINE_CONFIG, GObject)

DNN_API DnnPipelineConfig *dnn_pipeline_config_new (void);

/* Reads the configuration and its modules and checks all of it. @path: `config`
 * (or the single-file form), or a folder that holds `config`. The error is the
 * first of dnn_pipeline_config_validate_file()'s. */
DNN_API DnnPipelineConfig *dnn_pipeline_config_new_from_file (
    const gchar *path, GError **error);

/* Every error of the files at once, in order of place; empty array if none.
 * (transfer full) (element-type GError) */
DNN_API GPtrArray *dnn_pipeline_config_validate_file (const gchar *path);

/* Building. Stage numbers need not be in order and may have gaps. */
DNN_API DnnStage *dnn_pipeline_config_add_module (
    DnnPipelineConfig *self, gint mod_idx, DnnModule *module);
DNN_API DnnStage *dnn_pipeline_config_add_element (
    DnnPipelineConfig *self, gint mod_idx, const gchar *launch_text);

/* The rules of TVM's PipelineConfig; each has its own error code and text.
 * Types must be equal, shapes where both are known. */
DNN_API gboolean dnn_pipeline_config_bind (DnnPipelineConfig *self,
    const DnnInterface *src, const DnnInterface *dst, GError **error);

/* A binding of its own kind, of an output to an input of the same module at the
 * next frame: the input is none any more. States are those of the stage's
 * module: dnn_module_get_n_states(). */
DNN_API gboolean dnn_pipeline_config_bind_state (DnnPipelineConfig *self,
    gint mod_idx, gint output_idx, const gchar *input_name,
    const gchar *initial, GError **error);

/* Bindings that are missing: inputs without a source, global outputs not
 * numbered from 0 without gaps, no output at all. First error only. */
DNN_API gboolean dnn_pipeline_config_check (
    DnnPipelineConfig *self, GError **error);

/* Stages in topological order of the bindings (stable by mod_idx);
 * (transfer none), DnnStage *. */
DNN_API const GPtrArray *dnn_pipeline_config_get_stages (
    DnnPipelineConfig *self);
DNN_API DnnStage *dnn_pipeline_config_get_stage (
    DnnPipelineConfig *self, gint mod_idx); /* (nullable) */
/* DnnBind *, in a canonical order: by destination. */
DNN_API const GPtrArray *dnn_pipeline_config_get_bindings (
    DnnPipelineConfig *self);
/* Names of the global inputs, in the order of first binding in the file;
 * "input_connection" absent: each unbound module input. */
DNN_API const GPtrArray *dnn_pipeline_config_get_inputs (
    DnnPipelineConfig *self);
DNN_API guint dnn_pipeline_config_get_n_outputs (DnnPipelineConfig *self);
DNN_API gboolean dnn_pipeline_config_equal (
    DnnPipelineConfig *a, DnnPipelineConfig *b);

/* Params / Inputs / output / connections, as TVM prints them. */
DNN_API gchar *dnn_pipeline_config_to_string (DnnPipelineConfig *self);

/* Writes config, load_config, pipeline_config, jsonN, paramsN into @dir (made
 * if missing), with paths relative to the file that names them. Path of
 * `config`. */
DNN_API gchar *dnn_pipeline_config_export (
    DnnPipelineConfig *self, const gchar *dir, GError **error);
/* The same in one file: both paths replaced by the objects; modules' files
 * beside it. */
DNN_API gboolean dnn_pipeline_config_export_single (
    DnnPipelineConfig *self, const gchar *path, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The gst-dnn authors */
/* Tensors, what a graph says of them, settings → the head, what its numbers
 * mean, what is guessed; or a refusal that says what was looked for. */
#include "config.h"

#include "tests/elements/heads/head-check.h"

#include <string.h>

typedef struct
{
  const gchar *name;
  const gchar *tensors;
  const gchar *evidence; /* NULL: nobody knows */
  GstDnnHeadSettings settings;
  guint n_labels;
  GstDnnHeadId expected;
  gint n_boxes, n_classes;
  gboolean transposed;
  GstDnnBoxUnits units;
  GstDnnBoxOrder order;
  GstDnnActivation activation;
  const gchar *guesses; /* NULL: none */
  gint roles[4]; /* one more than the tensor; 0: not looked at */
} Row;

#define V8(n) "4:computed:640+" #n ":sigmoid"
#define PIXELS GST_DNN_BOX_UNITS_PIXELS, GST_DNN_BOX_CXCYWH
#define DONE GST_DNN_ACTIVATION_NONE
#define NAMED(id_)           \
  {                          \
    .id = GST_DNN_HEAD_##id_ \
  }
#define ANY \
  {         \
    0       \
  }

static const Row rows[] = {
  /* Axes by the graph, whatever the sizes are. */
  { "yolov8", "float32 1,84,8400", "640x640; output0 1 " V8 (80), ANY, 0,
      GST_DNN_HEAD_YOLOV8, 8400, 80, TRUE, PIXELS, DONE },
  { "yolov8-square", "float32 1,84,84", "64x64; output0 1 " V8 (80), ANY, 0,
      GST_DNN_HEAD_YOLOV8, 84, 80, TRUE, PIXELS, DONE },
  { "yolov8-few-candidates", "float32 1,14,21", "32x32; out 1 " V8 (10), ANY, 0,
      GST_DNN_HEAD_YOLOV8, 21, 10, TRUE, PIXELS, DONE },
  { "yolov8-last-axis", "float32 1,84,84", "64x64; out 2 " V8 (80), ANY, 0,
      GST_DNN_HEAD_YOLOV8, 84, 80, FALSE, PIXELS, DONE },
  { "yolov8-ball", "float32 1,5,768",
      "256x192; detections 1 2:computed:240+2:computed+1:sigmoid", ANY, 0,
      GST_DNN_HEAD_YOLOV8, 768, 1, TRUE, PIXELS, DONE },
  { "yolov8-logits", "float32 1,84,8400",
      "640x640; output0 1 4:computed:640+80:raw", ANY, 0, GST_DNN_HEAD_YOLOV8,
      8400, 80, TRUE, PIXELS, GST_DNN_ACTIVATION_SIGMOID },
  { "yolov8-normalised", "float32 1,84,8400",
      "640x640; output0 1 4:computed:1+80:sigmoid", ANY, 0, GST_DNN_HEAD_YOLOV8,
      8400, 80, TRUE, GST_DNN_BOX_UNITS_NORMALISED, GST_DNN_BOX_CXCYWH, DONE },
  { "yolov8-by-labels", "float32 1,14,300", "99x99; o 1 " V8 (10), ANY, 10,
      GST_DNN_HEAD_YOLOV8, 300, 10, TRUE, PIXELS, DONE },
  { "yolov8-of-two-classes", "float32 1,300,6",
      "99x99; o 2 4:computed:640+2:sigmoid", ANY, 2, GST_DNN_HEAD_YOLOV8, 300,
      2, FALSE, PIXELS, DONE },
  { "yolov8-without-batch", "float32 5,768",
      "256x192; o 0 4:computed+1:sigmoid", ANY, 0, GST_DNN_HEAD_YOLOV8, 768, 1,
      TRUE, PIXELS, DONE },
  /* Named: the axis by labels, cells, COCO, the exporter's habit. */
  { "asked-by-labels", "float32 1,24,20", NULL, NAMED (YOLOV8), 20,
      GST_DNN_HEAD_YOLOV8, 20, 20, TRUE, PIXELS, DONE },
  { "asked-by-cells", "float32 1,8400,14", "640x640; o -1 0:unknown",
      NAMED (YOLOV8), 0, GST_DNN_HEAD_YOLOV8, 8400, 10, FALSE, PIXELS, DONE },
  { "asked-coco", "float32 1,84,21", NULL, NAMED (YOLOV8), 0,
      GST_DNN_HEAD_YOLOV8, 21, 80, TRUE, PIXELS, DONE, "box-axis" },
  { "asked-square", "float32 1,84,84", NULL, NAMED (YOLOV8), 0,
      GST_DNN_HEAD_YOLOV8, 84, 80, TRUE, PIXELS, DONE, "box-axis" },
  { "asked-14x12", "float32 1,14,12", NULL, NAMED (YOLOV8), 0,
      GST_DNN_HEAD_YOLOV8, 12, 10, TRUE, PIXELS, DONE, "box-axis" },
  { "asked-14x12-last", "float32 1,14,12", NULL,
      { .id = GST_DNN_HEAD_YOLOV8, .box_axis = GST_DNN_BOX_AXIS_LAST }, 0,
      GST_DNN_HEAD_YOLOV8, 14, 8, FALSE, PIXELS, DONE },
  { "asked-normalised", "float32 1,84,8400", NULL,
      { .id = GST_DNN_HEAD_YOLOV8,
          .box_axis = GST_DNN_BOX_AXIS_FIRST,
          .box_units = GST_DNN_BOX_UNITS_NORMALISED,
          .activation = GST_DNN_ACTIVATION_SIGMOID },
      0, GST_DNN_HEAD_YOLOV8, 8400, 80, TRUE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_CXCYWH, GST_DNN_ACTIVATION_SIGMOID },
  /* Objectness: by the graph, three anchors a cell, labels. */
  { "yolov5", "float32 1,25200,85",
      "640x640; output 2 2:computed:640+2:computed:600+81:sigmoid", ANY, 0,
      GST_DNN_HEAD_YOLOV5, 25200, 80, FALSE, PIXELS, DONE },
  { "yolov5-apart", "float32 1,8400,85",
      "640x640; outputs 2 4:computed:640+1:constant:1+80:sigmoid", ANY, 0,
      GST_DNN_HEAD_YOLOV5, 8400, 80, FALSE, PIXELS, DONE },
  { "yolov5-by-labels", "float32 1,30,7",
      "99x99; output 2 4:computed:640+3:sigmoid", ANY, 2, GST_DNN_HEAD_YOLOV5,
      30, 2, FALSE, PIXELS, DONE },
  { "yolov5-one-class", "float32 1,25200,6",
      "640x640; output 2 4:computed:640+2:sigmoid", ANY, 0, GST_DNN_HEAD_YOLOV5,
      25200, 1, FALSE, PIXELS, DONE },
  { "yolov5-asked", "float32 1,25200,85", NULL, NAMED (YOLOV5), 80,
      GST_DNN_HEAD_YOLOV5, 25200, 80, FALSE, PIXELS, DONE },
  { "yolox", "float32 1,3549,85",
      "416x416; output 2 4:raw+1:sigmoid+80:sigmoid", ANY, 0,
      GST_DNN_HEAD_YOLOX, 3549, 80, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_CXCYWH, DONE },
  { "yolov10", "float32 1,300,6",
      "640x640; output0 2 4:computed:640+1:sigmoid+1:index chosen", ANY, 2,
      GST_DNN_HEAD_YOLOV10, 300, 0, FALSE, GST_DNN_BOX_UNITS_PIXELS,
      GST_DNN_BOX_XYXY, DONE },
  { "yolov10-nms", "float32 1,300,6", "640x640; o -1 0:unknown chosen", ANY, 0,
      GST_DNN_HEAD_YOLOV10, 300, 0, FALSE, GST_DNN_BOX_UNITS_PIXELS,
      GST_DNN_BOX_XYXY, DONE },
  { "fastestdet", "float32 1,85,22,22",
      "352x352; 758 1 1:sigmoid+4:raw+80:softmax", ANY, 0,
      GST_DNN_HEAD_FASTESTDET, 484, 80, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_CXCYWH, DONE },
  /* Faces. */
  { "ultraface", "float32 1,4420,2; float32 1,4420,4",
      "320x240; scores -1 0:softmax; boxes -1 0:computed:1", ANY, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_XYXY, DONE, NULL, { 1, 2 } },
  { "ultraface-turned", "float32 1,4420,4; float32 1,4420,2",
      "320x240; boxes -1 0:computed:1; scores -1 0:softmax", ANY, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_XYXY, DONE, NULL, { 2, 1 } },
  { "ultraface-without-post-processing", "float32 1,4420,2; float32 1,4420,4",
      "320x240; scores -1 0:softmax; boxes -1 0:raw", ANY, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_XYXY, DONE },
  { "ultraface-logits", "float32 1,4420,2; float32 1,4420,4",
      "320x240; scores -1 0:raw; boxes -1 0:raw", ANY, 0,
      GST_DNN_HEAD_ULTRAFACE, 4420, 1, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_XYXY, GST_DNN_ACTIVATION_SOFTMAX },
  { "masked-faces", "float32 1,17640,3; float32 1,17640,4",
      "640x480; scores -1 0:softmax; boxes -1 0:computed:1", ANY, 0,
      GST_DNN_HEAD_ULTRAFACE, 17640, 2, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_XYXY, DONE },
  { "ultraface-asked", "float32 1,9,2; float32 1,9,4", NULL, NAMED (ULTRAFACE),
      0, GST_DNN_HEAD_ULTRAFACE, 9, 1, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_XYXY, DONE, "score-activation, box-units" },
  { "nanodet",
      "float32 1,2704,80; float32 1,676,80; float32 1,169,80; "
      "float32 1,2704,32; float32 1,676,32; float32 1,169,32",
      "416x416; c8 -1 0:sigmoid; c16 -1 0:sigmoid; c32 -1 0:sigmoid; "
      "d8 -1 0:raw; d16 -1 0:raw; d32 -1 0:raw",
      ANY, 0, GST_DNN_HEAD_NANODET, 3549, 80, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_XYXY, DONE, NULL, { 1, 4, 2, 5 } },
  { "nanodet-of-32-classes",
      "float32 1,16,32; float32 1,64,32; float32 1,16,32; float32 1,64,32",
      "64x64; d16 -1 0:raw; d8 -1 0:raw; c16 -1 0:sigmoid; c8 -1 0:sigmoid",
      ANY, 0, GST_DNN_HEAD_NANODET, 80, 32, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_XYXY, DONE, NULL, { 4, 2, 3, 1 } },
  { "nanodet-plus", "float32 1,2125,112", "320x320; output 2 80:sigmoid+32:raw",
      ANY, 0, GST_DNN_HEAD_NANODET, 2125, 80, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_XYXY, DONE },
  { "yunet",
      "float32 1,64,1; float32 1,16,1; float32 1,4,1; "
      "float32 1,64,1; float32 1,16,1; float32 1,4,1; "
      "float32 1,64,4; float32 1,16,4; float32 1,4,4; "
      "float32 1,64,10; float32 1,16,10; float32 1,4,10",
      "64x64; cls_8 -1 0:sigmoid; cls_16 -1 0:sigmoid; cls_32 -1 0:sigmoid; "
      "obj_8 -1 0:sigmoid; obj_16 -1 0:sigmoid; obj_32 -1 0:sigmoid; "
      "bbox_8 -1 0:raw; bbox_16 -1 0:raw; bbox_32 -1 0:raw; "
      "kps_8 -1 0:raw; kps_16 -1 0:raw; kps_32 -1 0:raw",
      ANY, 0, GST_DNN_HEAD_YUNET, 84, 1, FALSE, GST_DNN_BOX_UNITS_PRIORS,
      GST_DNN_BOX_CXCYWH, DONE, NULL, { 1, 4, 7, 10 } },
  /* Roles, units and order by names. */
  { "ssd-tensorflow", "float32 1,10,4; float32 1,10; float32 1,10; float32 1",
      "300x300; detection_boxes:0 -1 0:unknown; detection_classes:0 -1 "
      "0:unknown; detection_scores:0 -1 0:unknown; num_detections:0 -1 "
      "0:unknown",
      ANY, 0, GST_DNN_HEAD_SSD, 10, 0, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_YXYX, 0, NULL, { 1, 3, 2, 4 } },
  { "ssd-tensorflow-one-box",
      "float32 1,1,4; float32 1,1; float32 1,1; float32 1",
      "300x300; detection_boxes -1 0:unknown; detection_classes -1 0:unknown; "
      "detection_scores -1 0:unknown; num_detections -1 0:unknown",
      ANY, 0, GST_DNN_HEAD_SSD, 1, 0, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_YXYX, 0, NULL, { 1, 3, 2, 4 } },
  { "ssd-tflite", "float32 1,10,4; float32 1,10; float32 1,10; float32 1",
      "300x300; TFLite_Detection_PostProcess -1 0:unknown; "
      "TFLite_Detection_PostProcess:1 -1 0:unknown; "
      "TFLite_Detection_PostProcess:2 -1 0:unknown; "
      "TFLite_Detection_PostProcess:3 -1 0:unknown",
      ANY, 0, GST_DNN_HEAD_SSD, 10, 0, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_YXYX, 0, NULL, { 1, 3, 2, 4 } },
  { "ssd-torchvision", "float32 50; int64 50; float32 50,4",
      "320x320; scores -1 0:unknown; labels -1 0:unknown; boxes -1 0:unknown",
      ANY, 0, GST_DNN_HEAD_SSD, 50, 0, FALSE, GST_DNN_BOX_UNITS_PIXELS,
      GST_DNN_BOX_XYXY, 0, NULL, { 3, 1, 2 } },
  { "ssd-raw", "float32 1,3000,21; float32 1,3000,4",
      "300x300; a -1 0:softmax; b -1 0:computed:1", ANY, 0, GST_DNN_HEAD_SSD,
      3000, 21, FALSE, GST_DNN_BOX_UNITS_NORMALISED, GST_DNN_BOX_XYXY, DONE,
      NULL, { 2, 1 } },
  { "ssd-raw-pixels", "float32 1,3000,21; float32 1,3000,4",
      "300x300; a -1 0:softmax; b -1 0:computed:300", ANY, 0, GST_DNN_HEAD_SSD,
      3000, 21, FALSE, GST_DNN_BOX_UNITS_PIXELS, GST_DNN_BOX_XYXY, DONE, NULL,
      { 2, 1 } },
  { "ssd-three-classes", "float32 1,10,4; float32 1,10,4",
      "300x300; a -1 0:softmax; b -1 0:computed:1", ANY, 0, GST_DNN_HEAD_SSD,
      10, 4, FALSE, GST_DNN_BOX_UNITS_NORMALISED, GST_DNN_BOX_XYXY, DONE, NULL,
      { 2, 1 } },
  { "ssd-three-classes-by-name", "float32 1,4,4; float32 1,4,4",
      "64x64; scores -1 0:computed; boxes -1 0:computed", NAMED (SSD), 0,
      GST_DNN_HEAD_SSD, 4, 4, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_XYXY, GST_DNN_ACTIVATION_AUTO, "box-units, score-activation",
      { 2, 1 } },
  { "ssd-three-classes-by-user", "float32 1,4,4; float32 1,4,4", NULL,
      { .id = GST_DNN_HEAD_SSD,
          .tensors = "boxes=1,scores=0",
          .box_units = GST_DNN_BOX_UNITS_PIXELS,
          .activation = GST_DNN_ACTIVATION_SOFTMAX },
      0, GST_DNN_HEAD_SSD, 4, 4, FALSE, GST_DNN_BOX_UNITS_PIXELS,
      GST_DNN_BOX_XYXY, GST_DNN_ACTIVATION_SOFTMAX, NULL, { 2, 1 } },
  { "ssd-by-user", "float32 1,10,4; float32 1,10; float32 1,10", NULL,
      { .id = GST_DNN_HEAD_SSD,
          .tensors = "boxes=0, classes=2, scores=1",
          .box_units = GST_DNN_BOX_UNITS_NORMALISED,
          .box_order = GST_DNN_BOX_YXYX },
      0, GST_DNN_HEAD_SSD, 10, 0, FALSE, GST_DNN_BOX_UNITS_NORMALISED,
      GST_DNN_BOX_YXYX, 0, NULL, { 1, 2, 3 } },
};

static const GstDnnHead *
choose (const gchar *tensors, const gchar *evidence_text,
    const GstDnnHeadSettings *settings, guint n_labels, GstDnnHeadSetup *setup,
    gchar **guesses, GError **error)
{
  GstDnnTensorsInfo info = head_check_info (tensors);
  GstDnnEvidence *evidence = head_check_evidence (evidence_text, &info);
  const GstDnnHead *head = gst_dnn_head_choose (
      settings, &info, evidence, n_labels, setup, guesses, error);

  if (evidence != NULL)
    gst_dnn_evidence_unref (evidence);
  return head;
}

static void
test_choose (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *guesses = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head = choose (row->tensors, row->evidence, &row->settings,
      row->n_labels, &setup, &guesses, &error);

  g_assert_no_error (error);
  g_assert_cmpint (head->id, ==, row->expected);
  g_assert_cmpint (setup.n_boxes, ==, row->n_boxes);
  g_assert_cmpint (setup.n_classes, ==, row->n_classes);
  g_assert_cmpint (setup.n_batch, ==, 1);
  g_assert_cmpint (setup.transposed, ==, row->transposed);
  g_assert_cmpint (setup.box_units, ==, row->units);
  g_assert_cmpint (setup.box_order, ==, row->order);
  g_assert_cmpint (setup.activation, ==, row->activation);
  g_assert_cmpstr (guesses, ==, row->guesses != NULL ? row->guesses : "");
  for (guint i = 0; i < G_N_ELEMENTS (row->roles); i++)
    if (row->roles[i] > 0)
      g_assert_cmpint (setup.tensor[i], ==, row->roles[i] - 1);
}

/* --- Refusals. */

typedef struct
{
  const gchar *name;
  const gchar *tensors;
  const gchar *evidence;
  GstDnnHeadSettings settings;
  guint n_labels;
  const gchar *parts[4];
} RefusalRow;

static const RefusalRow refusal_rows[] = {
  { "a-classifier", "float32 1,1000", NULL, ANY, 0,
      { "No head fits tensors float32 1×1000", "says of them: nothing",
          "ultraface: scores 1×N×2" } },
  /* Shapes alone are no evidence. */
  { "nobody-knows", "float32 1,84,8400", NULL, ANY, 0,
      { "for sure; if you know better set head to", "yolov8" } },
  { "segmentation-map", "float32 1,1,320,320", "320x320; map -1 0:sigmoid", ANY,
      0, { "No head fits tensors float32 1×1×320×320", "sigmoid" } },
  { "two-labels-without-a-choice", "float32 1,300,6", NULL, ANY, 2,
      { "No head fits", "yolov10 or" } },
  { "keypoints", "float32 1,56,8400",
      "640x640; output0 1 4:computed:640+1:sigmoid+51:computed:640", ANY, 0,
      { "No head fits", "numbers that are no scores follow the box" } },
  { "objectness-or-not", "float32 1,84,7777",
      "640x640; o 1 4:computed:640+80:sigmoid", ANY, 0,
      { "if you know better set head to yolov8 or yolov5" } },
  { "another-head", "float32 1,5,768",
      "256x192; detections 1 4:computed:240+1:sigmoid", NAMED (YOLOV5), 0,
      { "head=yolov5 can't read tensors float32 1×5×768",
          "it expects 1×N×(5+C)" } },
  { "raw-boxes", "float32 1,3549,85", "416x416; o 2 4:raw+1:sigmoid+80:sigmoid",
      NAMED (YOLOV5), 0, { "boxes come right from the network, as in yolox" } },
  { "yolox-of-another-size", "float32 1,3550,85", NULL,
      { .id = GST_DNN_HEAD_SSD }, 0, { "head=ssd can't read tensors" } },
  /* Such as YOLO-NAS, whose first class is one like the others. */
  { "ssd-sigmoid", "float32 1,8400,4; float32 1,8400,80",
      "640x640; boxes -1 0:computed:640; scores -1 0:sigmoid", ANY, 0,
      { "No head fits", "if you know better set head to",
          "whether the first class is a background is not said" } },
  { "ssd-offsets", "float32 1,3000,21; float32 1,3000,4",
      "300x300; scores -1 0:softmax; boxes -1 0:raw", ANY, 0,
      { "No head fits", "offsets from priors that the model does not tell" } },
  { "ultraface-of-another-size", "float32 1,4420,2; float32 1,4420,4",
      "640x480; scores -1 0:softmax; boxes -1 0:raw", NAMED (ULTRAFACE), 0,
      { "boxes are offsets from priors, 4420 of them",
          "a picture of 640x480 has 17640" } },
  { "ssd-which", "float32 1,4,4; float32 1,4,4", NULL, NAMED (SSD), 0,
      { "which tensor holds the boxes is not said; set tensors" } },
  { "ssd-classes-or-scores", "float32 1,10,4; float32 1,10; float32 1,10", NULL,
      NAMED (SSD), 0,
      { "which tensor holds classes and which scores is not said" } },
  { "ssd-units", "float32 50,4; int64 50; float32 50", NULL, NAMED (SSD), 0,
      { "whether boxes are in pixels is not said; set box-units" } },
  { "ssd-order", "float32 50,4; int64 50; float32 50", NULL,
      { .id = GST_DNN_HEAD_SSD, .box_units = GST_DNN_BOX_UNITS_PIXELS }, 0,
      { "the order of a box's numbers is not said; set box-order" } },
  { "one-way-only", "float32 1,85,22,22", NULL,
      { .id = GST_DNN_HEAD_FASTESTDET, .box_units = GST_DNN_BOX_UNITS_PIXELS },
      0, { "its boxes are written in one way only" } },
  { "no-role", "float32 1,4,4; float32 1,4,4", NULL,
      { .id = GST_DNN_HEAD_SSD, .tensors = "boxes=2,scores=0" }, 0,
      { "tensors: \"boxes=2\"", "a number below 2" } },
  { "unknown-role", "float32 1,4,4; float32 1,4,4", NULL,
      { .id = GST_DNN_HEAD_SSD, .tensors = "box=0" }, 0,
      { "tensors: \"box=0\"", "boxes, scores, classes or count" } },
  { "no-pair", "float32 1,4,4; float32 1,4,4", NULL,
      { .id = GST_DNN_HEAD_SSD, .tensors = "boxes" }, 0,
      { "tensors: \"boxes\": \"boxes=0\" or the like" } },
};

static void
test_refuse (gconstpointer data)
{
  const RefusalRow *row = data;
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;

  g_assert_null (choose (row->tensors, row->evidence, &row->settings,
      row->n_labels, &setup, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == DNN_ERROR);
  head_check_parts (error->message, row->parts);
}

/* Evidence of other tensors is none. */
static void
test_other_tensors (void)
{
  GstDnnTensorsInfo info = head_check_info ("float32 1,84,8400");
  GstDnnTensorsInfo other = head_check_info ("float32 1,84,2100");
  g_autoptr (GstDnnEvidence)
      evidence = head_check_evidence ("320x320; output0 1 " V8 (80), &other);
  GstDnnHeadSettings settings = { 0 };
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;

  g_assert_null (gst_dnn_head_choose (
      &settings, &info, evidence, 0, &setup, NULL, &error));
  g_assert_error (error, DNN_ERROR, DNN_ERROR_SHAPE);
}

/* --- Model information. */

/* The ids of GStreamer's registry stand for what the graph doesn't say; the
 * user's word comes first. */
static void
test_model_info (void)
{
  GstDnnTensorsInfo info = head_check_info (
      "float32 1,10; float32 1,10,4; float32 1,10; float32 1");
  g_autoptr (GstDnnEvidence) evidence = head_check_evidence (
      "300x300; a -1 0:unknown; b -1 0:unknown; c -1 0:unknown; d -1 0:unknown",
      &info);
  GstDnnHeadSettings settings = { 0 };
  g_autofree gchar *guesses = NULL;
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;
  const GstDnnHead *head;

  evidence->modelinfo = g_strdup (
      "[modelinfo]\nversion=1.0\n"
      "[a]\nid=ssd-mobilenet-v1-variant-1-out-scores\n"
      "[b]\nid=ssd-mobilenet-v1-variant-1-out-boxes\n"
      "[c]\nid=ssd-mobilenet-v1-variant-1-out-classes\n"
      "[d]\nid=generic-variant-1-out-count\n");
  head = gst_dnn_head_choose (
      &settings, &info, evidence, 0, &setup, &guesses, &error);
  g_assert_no_error (error);
  g_assert_cmpint (head->id, ==, GST_DNN_HEAD_SSD);
  g_assert_cmpint (setup.tensor[0], ==, 1);
  g_assert_cmpint (setup.tensor[1], ==, 0);
  g_assert_cmpint (setup.tensor[2], ==, 2);
  g_assert_cmpint (setup.box_order, ==, GST_DNN_BOX_YXYX);
  g_assert_cmpint (setup.box_units, ==, GST_DNN_BOX_UNITS_NORMALISED);
  g_assert_cmpstr (guesses, ==, "");
  settings.box_units = GST_DNN_BOX_UNITS_PIXELS;
  settings.tensors = "boxes=1,scores=2,classes=0";
  gst_dnn_head_choose (&settings, &info, evidence, 0, &setup, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (setup.box_units, ==, GST_DNN_BOX_UNITS_PIXELS);
  g_assert_cmpint (setup.tensor[1], ==, 2);
}

/* Ids that say the opposite of what sizes would. */
static void
test_model_info_units (void)
{
  GstDnnTensorsInfo info = head_check_info ("float32 1,84,84");
  g_autoptr (GstDnnEvidence)
      evidence = head_check_evidence ("64x64; output0 -1 0:unknown", &info);
  GstDnnHeadSettings settings = { 0 };
  g_autoptr (GError) error = NULL;
  GstDnnHeadSetup setup;

  evidence->modelinfo = g_strdup (
      "[modelinfo]\n[output0]\nid=yolo-v8-out-normalized\n");
  gst_dnn_head_choose (&settings, &info, evidence, 0, &setup, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (setup.transposed);
  g_assert_cmpint (setup.box_units, ==, GST_DNN_BOX_UNITS_NORMALISED);
  /* What is no file of that kind says nothing. */
  g_free (evidence->modelinfo);
  evidence->modelinfo = g_strdup ("id=yolo-v8-out");
  g_assert_null (gst_dnn_head_choose (
      &settings, &info, evidence, 0, &setup, NULL, &error));
}

#define ADD_ROWS(path, rows_, function)                    \
  for (guint i = 0; i < G_N_ELEMENTS (rows_); i++) {       \
    g_autofree gchar *name = g_strconcat (                 \
        "/elements/heads/" path "/", rows_[i].name, NULL); \
    g_test_add_data_func (name, &rows_[i], function);      \
  }

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD_ROWS ("choose", rows, test_choose);
  ADD_ROWS ("refuse", refusal_rows, test_refuse);
  g_test_add_func ("/elements/heads/other-tensors", test_other_tensors);
  g_test_add_func ("/elements/heads/model-info", test_model_info);
  g_test_add_func ("/elements/heads/model-info-units", test_model_info_units);
  return g_test_run ();
}

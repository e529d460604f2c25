#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Frames of videotestsrc pattern=ball -> ball.onnx, a small ball detector.

What it needs: gst-launch-1.0 with videotestsrc and, from PyPI (neither the
build, the demo nor the tests need them), Python 3.11 or newer with

    pip install jax numpy onnx onnxruntime      # made with 0.10.2, 2.4.6,
                                                # 1.23.2, 1.32.0

How to run: `python3 train.py` writes ball.onnx beside itself; `--max-steps 10
--output FILE` shows in two minutes whether everything is there; `--check`
only scores the model that is there. It takes about
half an hour on two busy cores.

What to expect: a table of the share of frames whose best detection has
IoU >= 0.7 with the true ball, by onnxruntime on the exported file. It is 1.0
or just below for frames up to 640x480 and falls where the ball gets small
(0.94 at 800x600, 0.2 at 1280x720). The last line is what counts, the lower of
the plain ball's at 320x240 and 640x480: `final score: 0.9967`. All random
numbers come from --seed; on another kind of CPU or with other versions the
last digits of the sums differ, and with them the file a little.

How it learns: GStreamer draws the balls (sizes, motions, animation modes,
flip) and the backgrounds (its other patterns). From each ball frame comes how
far the ball covers each pixel, and with that the ball is painted in any
colour, on any background, in any crop, beside rectangles and triangles of its
own colour, with noise and blur: shape is all that tells it. One image in six
has no ball. The table at the end is made of unchanged frames of GStreamer
only, colours included.
"""

import argparse
import collections
import functools
import os
import queue
import threading
import time

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from evaluate import ball_box, ball_coverage, iou, videotestsrc_frames

WIDTH, HEIGHT = 256, 192        # of the model's input
CELL = 8                        # input pixels per cell of the head's grid
COLUMNS, ROWS = WIDTH // CELL, HEIGHT // CELL
BOX_UNIT = 24.0                 # box side, in pixels, for a raw value of 0
BATCH = 16
CUT = 'stage1'

# What is learnt one after the other, each from the best of the one before.
# The first lesson is about balls of all sizes. In the others
# BatchNormalization stays as it will be in the exported file, and most balls
# are small: there a pixel decides.
Lesson = collections.namedtuple('Lesson', 'steps rate frozen big_balls')
LESSONS = (Lesson(2000, 4e-3, False, 30), Lesson(1200, 1.5e-3, True, 5),
           Lesson(700, 1.5e-3, True, 5))


# --- The network, written once against an interface with two implementations:
# --- Forward computes it (JAX, NHWC), Export writes it down (ONNX, NCHW).

def network(b, image):
    """image -> raw head map of (x, y, w, h, score) per cell."""
    def block(name, x, channels, kernel, stride, act, depthwise=False):
        x = b.conv(name, x, channels, kernel, stride, depthwise)
        x = b.norm(name + '_bn', x)
        return b.act(name + '_act', x, act) if act else x

    def separable(name, x, channels, act, output=None):
        y = block(name + '_dw', x, channels, 3, 1, act, depthwise=True)
        y = block(name + '_pw', y, channels, 1, 1, None)
        return b.add(output or name + '_add', x, y)

    x = block('conv1', image, 16, 3, 2, 'HardSwish')
    x = block('conv2', x, 32, 3, 2, 'Relu6')
    x = separable('res1', x, 32, 'Relu6', output=CUT)
    # From here on: the second stage.
    x = block('conv3', x, 48, 3, 2, 'HardSwish')
    fine = separable('res2', x, 48, 'Relu6')
    x = block('conv4', fine, 48, 3, 2, 'LeakyRelu')
    pools = [x]
    for size in (5, 9, 13):     # three times 5 in a row sees 5, 9 and 13
        pools.append(b.max_pool(f'spp_pool{size}', pools[-1], 5))
    x = block('spp', b.concat('spp_concat', pools), 48, 1, 1, 'LeakyRelu')
    x = b.concat('neck_concat', [b.upsample('neck_up', x), fine])
    x = block('neck', x, 48, 1, 1, 'LeakyRelu')
    x = separable('res3', x, 48, 'Relu6')
    return b.conv('head', x, 5, 1, 1, bias=True)


class Forward:
    """Computes the network; without parameters it makes them first."""

    def __init__(self, params, stats, train, rng=None):
        self.params, self.stats = params, stats
        self.train, self.rng = train, rng
        self.new_stats = {}

    def _param(self, name, shape, std):
        if self.rng is not None:
            self.params[name] = jnp.asarray(
                self.rng.normal(0, std, shape), jnp.float32)
        return self.params[name]

    def conv(self, name, x, channels, kernel, stride, depthwise=False,
             bias=False):
        inputs = 1 if depthwise else x.shape[-1]
        weight = self._param(name + '.weight',
                             (kernel, kernel, inputs, channels),
                             (2 / (kernel * kernel * inputs)) ** 0.5)
        if depthwise:
            # Nine shifted products: on CPUs several times faster than the
            # gradient of a grouped convolution.
            padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            height, width = x.shape[1:3]
            y = sum(padded[:, i:i + height, j:j + width] * weight[i, j, 0]
                    for i in range(3) for j in range(3))
        else:
            pad = kernel // 2
            y = jax.lax.conv_general_dilated(
                x, weight, (stride, stride), ((pad, pad), (pad, pad)),
                dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
        if bias:
            y = y + self._param(name + '.bias', (channels,), 0)
        return y

    def norm(self, name, x):
        channels = x.shape[-1]
        if self.rng is not None:
            self.params[name + '.scale'] = jnp.ones(channels)
            self.params[name + '.bias'] = jnp.zeros(channels)
            self.stats[name + '.mean'] = jnp.zeros(channels)
            self.stats[name + '.var'] = jnp.ones(channels)
        mean, var = self.stats[name + '.mean'], self.stats[name + '.var']
        if self.train:
            batch_mean, batch_var = x.mean((0, 1, 2)), x.var((0, 1, 2))
            self.new_stats[name + '.mean'] = 0.95 * mean + 0.05 * batch_mean
            self.new_stats[name + '.var'] = 0.95 * var + 0.05 * batch_var
            mean, var = batch_mean, batch_var
        scale = self.params[name + '.scale'] / jnp.sqrt(var + 1e-5)
        return (x - mean) * scale + self.params[name + '.bias']

    def act(self, _, x, kind):
        if kind == 'HardSwish':
            return x * jnp.clip(x / 6 + 0.5, 0, 1)
        if kind == 'LeakyRelu':
            return jnp.where(x > 0, x, 0.1 * x)
        return jnp.clip(x, 0, 6)

    def add(self, _, a, b):
        return a + b

    def max_pool(self, _, x, size):
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max,
                                     (1, size, size, 1), (1, 1, 1, 1), 'SAME')

    def concat(self, _, tensors):
        return jnp.concatenate(tensors, -1)

    def upsample(self, _, x):
        return x.repeat(2, 1).repeat(2, 2)


class Export:
    """Writes the network as ONNX nodes; a tensor here is a name."""

    def __init__(self, params, stats):
        self.values = {**params, **stats}
        self.nodes, self.initializers = [], []
        self.shapes = {'image': (3, HEIGHT, WIDTH)}
        self.macs = {}

    def const(self, name, value, dtype=np.float32):
        array = np.ascontiguousarray(np.asarray(value, dtype))
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, inputs, output, shape=None, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], output,
                                           **attributes))
        self.shapes[output] = shape or self.shapes[inputs[0]]
        return output

    def conv(self, name, x, channels, kernel, stride, depthwise=False,
             bias=False):
        weight = np.asarray(self.values[name + '.weight'])
        inputs = [x, self.const(name + '.weight',
                                weight.transpose(3, 2, 0, 1))]
        if bias:
            inputs.append(self.const(name + '.bias',
                                     self.values[name + '.bias']))
        _, height, width = self.shapes[x]
        shape = (channels, height // stride, width // stride)
        self.macs[name] = weight.size * shape[1] * shape[2]
        return self.node('Conv', inputs, name, shape,
                         kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=[kernel // 2] * 4,
                         group=channels if depthwise else 1)

    def norm(self, name, x):
        keys = [f'{name}.{key}' for key in ('scale', 'bias', 'mean', 'var')]
        inputs = [self.const(key, self.values[key]) for key in keys]
        return self.node('BatchNormalization', [x, *inputs], name,
                         epsilon=1e-5)

    def act(self, name, x, kind):
        if kind == 'Relu6':
            return self.node('Clip', [x, self.const(name + '.min', 0),
                                      self.const(name + '.max', 6)], name)
        attributes = {'alpha': 0.1} if kind == 'LeakyRelu' else {}
        return self.node(kind, [x], name, **attributes)

    def add(self, name, a, b):
        return self.node('Add', [a, b], name)

    def max_pool(self, name, x, size):
        return self.node('MaxPool', [x], name, kernel_shape=[size] * 2,
                         strides=[1, 1], pads=[size // 2] * 4)

    def concat(self, name, tensors):
        channels = sum(self.shapes[tensor][0] for tensor in tensors)
        shape = (channels, *self.shapes[tensors[0]][1:])
        return self.node('Concat', tensors, name, shape, axis=1)

    def upsample(self, name, x):
        channels, height, width = self.shapes[x]
        scales = self.const(name + '.scales', [1, 1, 2, 2])
        return self.node('Resize', [x, '', scales], name,
                         (channels, 2 * height, 2 * width), mode='nearest',
                         coordinate_transformation_mode='asymmetric',
                         nearest_mode='floor')

    def decode(self, raw):
        """Raw head map -> detections, as decode() below, in ONNX."""
        cells = COLUMNS * ROWS
        y, x = np.mgrid[:ROWS, :COLUMNS]
        corner = (np.stack([x, y]).reshape(1, 2, cells) - 1) * CELL
        flat = self.node('Reshape', [raw, self.const(
            'flat.shape', [1, 5, cells], np.int64)], 'flat')
        parts = ['raw_xy', 'raw_wh', 'raw_score']
        self.nodes.append(helper.make_node(
            'Split', [flat, self.const('parts.split', [2, 2, 1], np.int64)],
            parts, 'parts', axis=1))
        self.shapes.update({part: () for part in parts})
        xy = self.node('Sigmoid', ['raw_xy'], 'xy_sigmoid')
        xy = self.node('Mul', [xy, self.const('xy.scale', 3 * CELL)],
                       'xy_scaled')
        xy = self.node('Add', [xy, self.const('xy.corner', corner)], 'xy')
        wh = self.node('Clip', ['raw_wh', self.const('wh.min', -3),
                                self.const('wh.max', 3)], 'wh_clip')
        wh = self.node('Exp', [wh], 'wh_exp')
        wh = self.node('Mul', [wh, self.const('wh.scale', BOX_UNIT)], 'wh')
        score = self.node('Sigmoid', ['raw_score'], 'score')
        return self.node('Concat', [xy, wh, score], 'detections', axis=1)

    def model(self):
        output = self.decode(network(self, 'image'))
        graph = helper.make_graph(
            self.nodes, 'ball',
            [helper.make_tensor_value_info('image', TensorProto.FLOAT,
                                           [1, 3, HEIGHT, WIDTH])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT,
                                           [1, 5, COLUMNS * ROWS])],
            self.initializers)
        model = helper.make_model(
            graph, producer_name='gst-dnn examples/ball/train.py',
            opset_imports=[helper.make_opsetid('', 14)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


# --- Loss and optimiser

def decode(raw):
    """Raw head map [B, ROWS, COLUMNS, 5] -> centre, size (pixels), logit."""
    y, x = jnp.mgrid[:ROWS, :COLUMNS]
    corner = jnp.stack([x, y], -1)
    centre = (jax.nn.sigmoid(raw[..., 0:2]) * 3 - 1 + corner) * CELL
    size = jnp.exp(jnp.clip(raw[..., 2:4], -3, 3)) * BOX_UNIT
    return centre, size, raw[..., 4]


def loss_of(params, stats, image, boxes, frozen):
    """boxes: [B, 4] of cx, cy, w, h in pixels; w = 0 where there's no ball."""
    forward = Forward(params, stats, train=not frozen)
    centre, size, logit = decode(network(forward, image))
    truth = boxes[:, None, None, :]
    y, x = jnp.mgrid[:ROWS, :COLUMNS]
    cells = (jnp.stack([x, y], -1) + 0.5) * CELL
    distance = jnp.abs(cells - truth[..., :2]).max(-1) / CELL
    has_ball = truth[..., 2] > 0
    positive = has_ball & (distance < 1)        # the four nearest cells
    negative = ~has_ball | (distance > 2)       # between: either is right

    probability = jax.nn.sigmoid(logit)
    wrong = jnp.where(positive, 1 - probability, probability)
    entropy = -jnp.where(positive, jax.nn.log_sigmoid(logit),
                         jax.nn.log_sigmoid(-logit))
    focal = wrong ** 2 * entropy * jnp.where(positive, 1.0, 0.5)
    count = jnp.maximum(positive.sum(), 1)
    score_loss = jnp.where(positive | negative, focal, 0).sum() / count

    target, target_size = truth[..., :2], truth[..., 2:]
    overlap = (jnp.minimum(centre + size / 2, target + target_size / 2)
               - jnp.maximum(centre - size / 2, target - target_size / 2))
    common = jnp.maximum(overlap, 0).prod(-1)
    union = size.prod(-1) + target_size.prod(-1) - common
    safe_size = jnp.maximum(target_size, 1)
    offset = jnp.abs((centre - target) / safe_size).sum(-1)
    shape = jnp.abs(jnp.log(size / safe_size)).sum(-1)
    box = 1 - common / jnp.maximum(union, 1) + offset + shape
    box_loss = jnp.where(positive, box, 0).sum() / count
    return score_loss + 2 * box_loss, (stats if frozen else forward.new_stats,
                                       score_loss, box_loss)


@functools.partial(jax.jit, donate_argnums=0, static_argnums=4)
def train_step(state, image, boxes, rate, frozen):
    """One step of AdamW; keeps a moving average of the parameters too."""
    params, stats, mean, square, average, step = state
    grad, (stats, score_loss, box_loss) = jax.grad(loss_of, has_aux=True)(
        params, stats, image.astype(jnp.float32) / 255, boxes, frozen)
    norm = jnp.sqrt(sum((g ** 2).sum() for g in grad.values()))
    step, keep = step + 1, jnp.minimum(0.995, (1 + step) / (10 + step))
    for name, g in grad.items():
        g = g * jnp.minimum(1, 10 / norm)
        mean[name] = 0.9 * mean[name] + 0.1 * g
        square[name] = 0.99 * square[name] + 0.01 * g * g
        update = (mean[name] / (1 - 0.9 ** step)
                  / (jnp.sqrt(square[name] / (1 - 0.99 ** step)) + 1e-7))
        decay = 1e-3 * params[name] if name.endswith('.weight') else 0
        params[name] = params[name] - rate * (update + decay)
        average[name] = keep * average[name] + (1 - keep) * params[name]
    return ((params, stats, mean, square, average, step), score_loss,
            box_loss)


# --- Images to learn from

def resample(plane, window):
    """Bilinear stretch of a window (x, y, w, h) to the model's size.

    Pixel centres at half, edges repeated, no smoothing before: what
    dnnpreprocess does with resize=stretch.
    """
    def taps(start, length, target, size):
        at = start + (np.arange(target) + 0.5) * length / target - 0.5
        at = np.clip(at, 0, size - 1)
        low = np.minimum(at.astype(np.int32), size - 2)
        return low, (at - low).astype(np.float32)

    x, y, width, height = window
    left, fx = taps(x, width, WIDTH, plane.shape[1])
    top, fy = taps(y, height, HEIGHT, plane.shape[0])
    if plane.ndim == 3:
        fx = fx[:, None]
    fy = fy.reshape(-1, *[1] * (plane.ndim - 1))
    above, below = plane[top], plane[top + 1]
    rows = above + (below - above.astype(np.float32)) * fy
    return rows[:, left] + (rows[:, left + 1] - rows[:, left]) * fx


def make_pools(big_balls):
    """Coverage planes with their boxes, and background pictures.

    motion=sweep and hsweep draw big balls, motion=wavy ones of 39 pixels.
    big_balls: how many of the former per size and motion; less than 30
    brings more of the latter, and in larger frames.

    With animation-mode=running-time the ball stands still when frames are
    made faster than real time (GStreamer 1.22): those frames add sizes and
    crops, but only one place each.
    """
    balls, pictures = [], []
    sizes = [(160, 120), (200, 150), (320, 240), (320, 240), (426, 240),
             (240, 320), (480, 360), (640, 480), (640, 480), (800, 600),
             (640, 360), (854, 480)]
    if big_balls < 30:
        sizes += [(320, 240), (640, 480), (960, 720), (1280, 720)]
    for number, (width, height) in enumerate(sizes):
        for motion in ('wavy', 'sweep', 'hsweep'):
            frames = videotestsrc_frames(
                width, height, 120, f'motion={motion}',
                'flip=' + ('true' if number % 2 else 'false'),
                'animation-mode=' + ('frames' if number % 3
                                     else 'running-time'),
                framerate=('30/1', '25/1', '50/1')[number % 3])
            wanted = big_balls if motion != 'wavy' else 60 - big_balls
            for frame in frames[number % 4::max(1, 120 // wanted)]:
                cover = np.round(ball_coverage(frame) * 255)
                balls.append((cover.astype(np.uint8), ball_box(frame)))
    for pattern in ('smpte', 'snow', 'checkers-4', 'checkers-8', 'gamut',
                    'smpte75', 'pinwheel', 'spokes', 'gradient', 'colors',
                    'bar', 'chroma-zone-plate'):
        pictures.extend(videotestsrc_frames(320, 240, 3, pattern=pattern))
    return balls, pictures


def smooth(plane):
    return (plane + np.roll(plane, 1, 0) + np.roll(plane, 1, 1)
            + np.roll(plane, (1, 1), (0, 1))) / 4


def paint_shapes(rng, image, colour, box):
    """Rectangles and triangles, not touching the ball, half in its colour."""
    for _ in range(rng.integers(1, 5)):
        width, height = rng.uniform(6, 70, 2)
        if rng.random() < 0.5:
            height = width * rng.uniform(0.8, 1.25)
        x, y = rng.uniform(-10, WIDTH), rng.uniform(-10, HEIGHT)
        if box is not None and (x < box[2] + 2 and x + width > box[0] - 2 and
                                y < box[3] + 2 and y + height > box[1] - 2):
            continue
        paint = colour if rng.random() < 0.6 else rng.uniform(0, 255, 3)
        left, top = max(0, int(x)), max(0, int(y))
        part = image[top:int(y + height), left:int(x + width)]
        if not part.size:
            continue
        if rng.random() < 0.6:
            part[:] = paint
        else:
            i, j = np.ogrid[:part.shape[0], :part.shape[1]]
            slope = part.shape[1] / part.shape[0]
            part[j < i * slope if rng.random() < 0.5
                 else j >= i * slope] = paint


def choose_window(rng, size, box):
    """The whole frame, or a crop that holds the ball's centre."""
    width, height = size
    if rng.random() < 0.4:
        return 0.0, 0.0, float(width), float(height)
    crop_w = width * rng.uniform(0.45, 1)
    crop_h = np.clip(crop_w * height / width * rng.uniform(0.8, 1.25),
                     60, height)
    centre_x, centre_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    x = rng.uniform(max(0, centre_x - crop_w), min(width - crop_w, centre_x))
    y = rng.uniform(max(0, centre_y - crop_h),
                    min(height - crop_h, centre_y))
    return x, y, crop_w, crop_h


def make_image(rng, balls, pictures):
    """One image [HEIGHT, WIDTH, 3] of bytes and its box (cx, cy, w, h)."""
    cover, box = balls[rng.integers(len(balls))]
    window = choose_window(rng, cover.shape[::-1], box)
    fx, fy = WIDTH / window[2], HEIGHT / window[3]
    edges = np.array([(box[0] - window[0]) * fx, (box[1] - window[1]) * fy,
                      (box[2] - window[0]) * fx, (box[3] - window[1]) * fy])
    edges = np.clip(edges, 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    alpha = resample(cover, window)[..., None] / 255

    if rng.random() < 0.2:                      # as videotestsrc has it
        back, colour = np.zeros(3), np.full(3, 255.0)
    else:
        back, colour = rng.uniform(0, 255, (2, 3))
        while np.abs(back - colour).max() < 70:
            back, colour = rng.uniform(0, 255, (2, 3))
    image = np.tile(back.astype(np.float32), (HEIGHT, WIDTH, 1))
    ball = rng.random() >= 1 / 6
    if rng.random() < 0.5:
        picture = pictures[rng.integers(len(pictures))]
        x, y = rng.uniform(0, 100, 2)
        picture = resample(picture, (x, y, rng.uniform(120, 220),
                                     rng.uniform(80, 140)))
        image += (picture - image) * np.float32(rng.uniform(0, 0.6))
    if rng.random() < 0.6:
        paint_shapes(rng, image, colour, edges if ball else None)
    if ball:
        if rng.random() < 0.3:                  # shaded from side to side
            shade = np.linspace(0, rng.uniform(-60, 60), WIDTH)[:, None]
            image += alpha * (colour + shade - image)
        else:
            image += alpha * (colour - image)
    else:
        edges = np.zeros(4)
    if rng.random() < 0.2:
        image = smooth(image)
        edges += 0.5 * ball                     # it moves things by half
    if rng.random() < 0.4:
        image += rng.normal(0, rng.uniform(2, 20),
                            image.shape).astype(np.float32)
    if rng.random() < 0.5:
        image = image[:, ::-1]
        edges[[0, 2]] = (WIDTH - edges[[2, 0]]) * ball
    image = np.clip(np.round(image), 0, 255).astype(np.uint8)
    return image, [(edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2,
                   edges[2] - edges[0], edges[3] - edges[1]]


def batches(seed, steps, big_balls):
    """Batches in a fixed order, made in a thread while the last one trains."""
    balls, pictures = make_pools(big_balls)
    rng = np.random.default_rng(seed)
    ready = queue.Queue(4)

    def work():
        for _ in range(steps):
            made = [make_image(rng, balls, pictures) for _ in range(BATCH)]
            ready.put((np.stack([image for image, _ in made]),
                       np.array([box for _, box in made], np.float32)))

    threading.Thread(target=work, daemon=True).start()
    for _ in range(steps):
        yield ready.get()


def new_model(seed):
    params, stats = {}, {}
    network(Forward(params, stats, False, np.random.default_rng(seed)),
            jnp.zeros((1, HEIGHT, WIDTH, 3)))
    params['head.bias'] = params['head.bias'].at[4].set(-4.0)   # balls: rare
    return params, stats


def load_model(path):
    """Parameters and statistics of an exported file, as exact as they were."""
    params, stats = new_model(0)
    for tensor in onnx.load(path).graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.ndim == 4:
            value = value.transpose(2, 3, 1, 0)
        for kind in (params, stats):
            if tensor.name in kind:
                kind[tensor.name] = jnp.array(value)
    return params, stats


def train(params, stats, seed, lesson):
    def zeros():
        return {name: jnp.zeros_like(value) for name, value in params.items()}

    state = (params, stats, zeros(), zeros(),
             {name: value.copy() for name, value in params.items()},
             jnp.zeros(()))
    begin, losses = time.monotonic(), []
    for step, (image, boxes) in enumerate(
            batches(seed, lesson.steps, lesson.big_balls)):
        warm = min(1, (step + 1) / 100)
        rate = lesson.rate * warm * (
            0.51 + 0.49 * np.cos(np.pi * step / lesson.steps))
        state, *loss = train_step(state, image, boxes, np.float32(rate),
                                  lesson.frozen)
        losses.append(loss)
        if (step + 1) % 100 == 0 or step + 1 == lesson.steps:
            score, box = np.mean(np.array(losses, np.float32), 0)
            print(f'step {step + 1}: score loss {score:.4f}, box loss '
                  f'{box:.4f}, {time.monotonic() - begin:.0f} s', flush=True)
            losses = []
    return state[4], state[1]


# --- The check, on the exported file

def best_detection(session, frame):
    """Score and box, in pixels of the frame, of the best detection."""
    height, width = frame.shape[:2]
    image = np.round(resample(frame, (0, 0, width, height)))
    image = (image.transpose(2, 0, 1)[None] / 255).astype(np.float32)
    found = session.run(['detections'], {'image': image})[0][0]
    cx, cy, w, h, score = found[:, found[4].argmax()]
    fx, fy = width / WIDTH, height / HEIGHT
    return score, ((cx - w / 2) * fx, (cy - h / 2) * fy,
                   (cx + w / 2) * fx, (cy + h / 2) * fy)


def check(path):
    """Print the table of shares; return the least of the plain ball's."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path, options, providers=['CPUExecutionProvider'])
    plain = []
    for width, height, *properties in (
            (320, 240), (640, 480),
            (160, 120), (800, 600), (640, 360), (1280, 720),
            (320, 240, 'motion=sweep'), (320, 240, 'motion=hsweep'),
            (640, 480, 'motion=sweep'),
            (320, 240, 'flip=true'),
            (320, 240, 'foreground-color=0xffff0000',
             'background-color=0xff0000ff'),
            (640, 480, 'foreground-color=0xff202020',
             'background-color=0xffd0d0a0', 'flip=true'),
            (640, 480, 'foreground-color=0xff00a000',
             'background-color=0xffa00000', 'motion=hsweep')):
        frames = videotestsrc_frames(width, height, 300, *properties)
        scores, ious = [], []
        for frame in frames:
            score, box = best_detection(session, frame)
            scores.append(score)
            ious.append(iou(box, ball_box(frame)))
        share = np.mean(np.array(ious) >= 0.7)
        print(f'{share:.4f}  mean IoU {np.mean(ious):.3f}, least '
              f'{min(ious):.3f}, least score {min(scores):.3f}  '
              f'{width}x{height} {" ".join(properties)}', flush=True)
        if not properties and (width, height) in ((320, 240), (640, 480)):
            plain.append(share)
    for pattern in ('smpte', 'snow', 'black', 'white', 'checkers-8',
                    'pinwheel', 'spokes', 'gradient'):
        frames = videotestsrc_frames(320, 240, 10, pattern=pattern)
        top = max(best_detection(session, frame)[0] for frame in frames)
        print(f'no ball, pattern={pattern}: highest score {top:.3f}')
    print(f'final score: {min(plain):.4f}')
    return min(plain)


def describe(export, path):
    names = list(export.macs)
    second = names.index('conv3')
    weights = sum(value.size for value in export.values.values())
    before = sum(export.macs[name] for name in names[:second])
    after = sum(export.macs[name] for name in names[second:])
    print(f'{path}: {os.path.getsize(path)} bytes, {weights} parameters, '
          f'{before} MACs before {CUT} {[1, *export.shapes[CUT]]}, '
          f'{after} after')


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description='Train the ball detector.')
    parser.add_argument('--output', default=os.path.join(here, 'ball.onnx'))
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--first', type=int, default=0, metavar='N',
                        help='begin with lesson N, on the model that is '
                        'there')
    parser.add_argument('--max-steps', type=int, metavar='N',
                        help='of each lesson, to try things out')
    parser.add_argument('--check', action='store_true',
                        help='only score the model that is there')
    arguments = parser.parse_args()
    if not arguments.check:
        params, stats = (load_model(arguments.output) if arguments.first
                         else new_model(arguments.seed))
        for number in range(arguments.first, len(LESSONS)):
            lesson = LESSONS[number]
            if arguments.max_steps:
                lesson = lesson._replace(steps=arguments.max_steps)
            print(f'lesson {number}: {lesson}', flush=True)
            params, stats = train(params, stats, arguments.seed + number,
                                  lesson)
            export = Export(params, stats)
            onnx.save(export.model(), arguments.output)
            describe(export, arguments.output)
    return 0 if check(arguments.output) >= 0.98 else 1


if __name__ == '__main__':
    raise SystemExit(main())

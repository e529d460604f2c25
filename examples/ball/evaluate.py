#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The gst-dnn authors
"""Detections as dnnjson writes them + raw RGB frames -> share of balls found.

Needs python3 and python3-numpy; gst-launch-1.0 where it makes the frames
itself.

    evaluate.py demo.jsonl                      # frames of videotestsrc
    evaluate.py demo.jsonl --frames frames.rgb  # frames of a file

The truth is taken from the frame: a pixel belongs to the ball if it differs
from the top left pixel (which the ball never covers) by more than half of the
largest difference in the frame; for the default white ball on black that is
"luminance over 50 %". Rows and columns with nothing but such pixels are the
lines that motion=sweep draws from edge to edge, and are left out. The true
box is the smallest one around the rest, outer edges of its pixels included.
A frame counts if its detection of the highest confidence has an intersection
over union with that box of at least --min-iou. A line belongs to the frame of
the same number; if their counts differ, that is an error.

Exit code: 0 if the share of frames that count reaches --min-share, 1 if not
or if a file is no good, 2 for wrong arguments (argparse).
"""

import argparse
import json
import subprocess
import sys

import numpy as np


def read_rgb(data, width, height):
    """Split raw RGB video as GStreamer has it (rows padded to 4 bytes)."""
    stride = (width * 3 + 3) // 4 * 4
    if not data or len(data) % (stride * height):
        raise ValueError(f'{len(data)} bytes are no whole number of {width}x'
                         f'{height} RGB frames of {stride * height} bytes')
    rows = np.frombuffer(data, np.uint8).reshape(-1, height, stride)
    return rows[:, :, :width * 3].reshape(-1, height, width, 3)


def videotestsrc_frames(width, height, count, *properties, framerate='30/1',
                        pattern='ball'):
    """Frames [count, height, width, 3] of videotestsrc, by gst-launch-1.0."""
    caps = (f'video/x-raw,format=RGB,width={width},height={height},'
            f'framerate={framerate}')
    command = ['gst-launch-1.0', '-q', 'videotestsrc', f'pattern={pattern}',
               f'num-buffers={count}', *properties, '!', caps, '!',
               'fdsink', 'fd=1']
    data = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return read_rgb(data, width, height)


def ball_coverage(frame):
    """How far each pixel is from the background's colour, 0 to 1."""
    difference = np.abs(frame.astype(np.int16) - frame[0, 0]).sum(axis=-1)
    return difference / max(1, difference.max())


def ball_box(frame):
    """True box (x_min, y_min, x_max, y_max) in pixels, None if no ball."""
    ball = ball_coverage(frame) > 0.5
    ball &= ~(ball.all(axis=0) | ball.all(axis=1, keepdims=True))
    columns, rows = np.flatnonzero(ball.any(0)), np.flatnonzero(ball.any(1))
    if not columns.size:
        return None
    return tuple(int(edge) for edge in (columns[0], rows[0],
                                        columns[-1] + 1, rows[-1] + 1))


def iou(a, b):
    """Intersection over union of two boxes (x_min, y_min, x_max, y_max)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    area = ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]))
    return common / (area - common) if area > common else 0.0


def best_box(line, label):
    """Box in pixels of the line's most confident detection, or None."""
    size = line['resolution']
    found = [o['detection'] for o in line['objects'] if 'detection' in o]
    if label is not None:
        found = [d for d in found if d.get('label') == label]
    if not found:
        return None
    box = max(found, key=lambda d: d['confidence'])['bounding_box']
    return (box['x_min'] * size['width'], box['y_min'] * size['height'],
            box['x_max'] * size['width'], box['y_max'] * size['height'])


def read_lines(path):
    lines = []
    with open(path, encoding='utf-8') as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
                size = line['resolution']
                if not (size['width'] > 0 and size['height'] > 0):
                    raise ValueError('resolution is not positive')
                best_box(line, None)
                lines.append(line)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f'{path}:{number}: not a line of dnnjson: '
                                 f'{error!r}') from error
    if not lines:
        raise ValueError(f'{path}: no lines')
    return lines


def parse_arguments():
    parser = argparse.ArgumentParser(
        description='Compare detections with the true ball of each frame.')
    parser.add_argument('detections', help='JSON lines as dnnjson writes them')
    parser.add_argument('--frames', metavar='FILE',
                        help='raw RGB frames of the resolution in the lines '
                        '(default: made with videotestsrc pattern=ball)')
    parser.add_argument('--num-frames', type=int, default=300, metavar='N',
                        help='frames to make (default: 300)')
    parser.add_argument('--properties', default='', metavar='TEXT',
                        help='properties of videotestsrc, e.g. '
                        '"motion=sweep flip=true"')
    parser.add_argument('--framerate', default='30/1', metavar='N/D',
                        help='of the frames to make (default: 30/1)')
    parser.add_argument('--label', default='ball',
                        help='detections to look at; "" for all '
                        '(default: ball)')
    parser.add_argument('--min-iou', type=float, default=0.7)
    parser.add_argument('--min-share', type=float, default=0.98)
    parser.add_argument('--verbose', action='store_true',
                        help='print a line for each frame that fails')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        lines = read_lines(arguments.detections)
        size = lines[0]['resolution']
        if any(line['resolution'] != size for line in lines):
            raise ValueError('the resolution changes between lines')
        width, height = size['width'], size['height']
        if arguments.frames:
            with open(arguments.frames, 'rb') as file:
                frames = read_rgb(file.read(), width, height)
        else:
            frames = videotestsrc_frames(
                width, height, arguments.num_frames,
                *arguments.properties.split(), framerate=arguments.framerate)
        if len(lines) != len(frames):
            raise ValueError(f'{len(lines)} lines for {len(frames)} frames')
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f'evaluate.py: {error}', file=sys.stderr)
        return 1

    scores = []
    for index, (line, frame) in enumerate(zip(lines, frames)):
        truth = ball_box(frame)
        found = best_box(line, arguments.label or None)
        if truth is None:
            scores.append(0.0 if found else 1.0)
        else:
            scores.append(iou(truth, found) if found else 0.0)
        if arguments.verbose and scores[-1] < arguments.min_iou:
            print(f'frame {index}: IoU {scores[-1]:.3f}, '
                  f'true box {truth}, found {found}')

    share = np.mean(np.array(scores) >= arguments.min_iou)
    print(f'{share:.4f} of {len(scores)} frames of {width}x{height} have '
          f'IoU >= {arguments.min_iou:g} (mean {np.mean(scores):.3f}, least '
          f'{min(scores):.3f}); wanted {arguments.min_share:g}')
    return 0 if share >= arguments.min_share else 1


if __name__ == '__main__':
    sys.exit(main())

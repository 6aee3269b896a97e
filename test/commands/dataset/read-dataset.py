"""Reads every shard of a data set with TensorFlow and prints what is in the records, as JSON."""

import glob
import hashlib
import json
import os
import sys

import tensorflow as tf

FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/format": tf.io.FixedLenFeature([], tf.string),
    "image/height": tf.io.FixedLenFeature([], tf.int64),
    "image/width": tf.io.FixedLenFeature([], tf.int64),
    "image/colorspace": tf.io.FixedLenFeature([], tf.string),
    "image/channels": tf.io.FixedLenFeature([], tf.int64),
    "image/filename": tf.io.FixedLenFeature([], tf.string),
    "image/source_id": tf.io.FixedLenFeature([], tf.string),
}

shards = sorted(glob.glob(os.path.join(sys.argv[1], "*.tfrecord")))
records = []
for record in tf.data.TFRecordDataset(shards):
    example = tf.io.parse_single_example(record, FEATURES)
    encoded = example["image/encoded"]
    records.append(
        {
            "encoded": hashlib.sha256(encoded.numpy()).hexdigest(),
            "decoded": list(tf.io.decode_jpeg(encoded).shape),
            "width": int(example["image/width"]),
            "height": int(example["image/height"]),
            "filename": example["image/filename"].numpy().decode("utf-8"),
            "source_id": example["image/source_id"].numpy().decode("ascii"),
            "format": example["image/format"].numpy().decode("ascii"),
            "colorspace": example["image/colorspace"].numpy().decode("ascii"),
            "channels": int(example["image/channels"]),
        }
    )
json.dump(records, sys.stdout)

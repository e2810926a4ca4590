"""
Weights -> encoder.onnx, decoder.onnx and maskery.json in the D1 layout.

    python3 export.py --weights CHECKPOINTS/final.pt --out .. --store int8
"""
import argparse
import hashlib
import json
import os
import tempfile
import warnings

import torch

from branch import by_object_count
from deploy import DeployDecoder, DeployEncoder, load_model
from storage import round_weights, store

FEATURES = ["high_res_feats_0", "high_res_feats_1", "image_embed"]
DECODER_INPUTS = ["image_embed", "high_res_feats_0", "high_res_feats_1", "point_coords", "point_labels", "mask_input", "has_mask_input"]
DECODER_OUTPUTS = ["masks", "iou_predictions"]
VERSION = "0.1.0"
MOST_OBJECTS_FOR_BOTH_VIEWS = 8  # larger batches are decoded from one view, at half the cost per object


def example_prompts(size, objects=2, points=3):
    coordinates = torch.rand(objects, points, 2) * size
    labels = torch.tensor([[1.0, 0.0, -1.0], [-1.0, 2.0, 3.0]])[:objects, :points]
    return coordinates, labels, torch.randn(objects, 1, size // 2, size // 2), torch.ones(1)


def write_onnx(model, size, folder, kind):
    """Export both graphs with weights stored as `kind`; returns their paths."""
    encoder = DeployEncoder(model).eval()
    image = torch.randn(1, 3, size, size)
    fine, middle, coarse = encoder(image)
    objects, both = {0: "objects"}, {0: "objects", 1: "points"}
    axes = {"point_coords": both, "point_labels": both, "mask_input": objects, "masks": objects, "iou_predictions": objects}
    paths = {name: os.path.join(folder, name + ".onnx") for name in ("encoder", "decoder")}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = os.path.join(scratch, "plain.onnx")
        torch.onnx.export(encoder, image, plain, opset_version=17, input_names=["image"], output_names=FEATURES)
        store(plain, paths["encoder"], kind)
        branches = {}
        for views in ("both", "one"):
            decoder = DeployDecoder(model, size, both_views=views == "both").eval()
            torch.onnx.export(
                decoder, (coarse, fine, middle, *example_prompts(size)), plain, opset_version=17,
                input_names=DECODER_INPUTS, output_names=DECODER_OUTPUTS, dynamic_axes=axes)
            branches[views] = os.path.join(scratch, views + ".onnx")
            store(plain, branches[views], kind)
        by_object_count(branches["both"], branches["one"], MOST_OBJECTS_FOR_BOTH_VIEWS, paths["decoder"])
    return paths


def model_spec(paths, size):
    files = {}
    for name, path in paths.items():
        with open(path, "rb") as file:
            content = file.read()
        files[name] = {"name": os.path.basename(path), "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return {
        "id": "nano", "title": "Maskery nano", "family": "nano", "layout": "sam2-samexporter", "license": "Apache-2.0",
        "files": files,
        "image": {"size": size, "resize": "letterbox", "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]},
        "maskInputSize": size // 2,
        # Its scores and logits lie lower than SAM2's: at SAM2's thresholds automatic masks would find nothing.
        "everything": {"predIouThresh": 0.5, "stabilityScoreThresh": 0.7, "stabilityScoreOffset": 0.3},
        "version": VERSION,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--store", choices=["fp32", "fp16", "int8"], default="int8")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    torch.set_num_threads(1)
    with torch.no_grad():
        # stored as they are rounded here, so that the check compares like with like
        model = round_weights(load_model(options.weights), options.store)
        paths = write_onnx(model, options.size, options.out, options.store)
    with open(os.path.join(options.out, "maskery.json"), "w") as file:
        file.write(json.dumps(model_spec(paths, options.size), indent=2) + "\n")
    for path in paths.values():
        print(path, os.path.getsize(path))


if __name__ == "__main__":
    main()

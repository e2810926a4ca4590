"""
The exported graphs against the trained network: this half writes reference tensors, check_onnx.mjs runs the graphs and compares.

    python3 check_onnx.py --weights CHECKPOINTS/final.pt --store int8 --out REFERENCE
    node check_onnx.mjs --model .. --reference REFERENCE
"""
import argparse
import json
import os

import torch

from deploy import DeployDecoder, DeployEncoder, load_model
from export import DECODER_INPUTS, DECODER_OUTPUTS, FEATURES, MOST_OBJECTS_FOR_BOTH_VIEWS
from storage import round_weights


def prompt_cases(size):
    """Name, point_coords, point_labels, has_mask_input."""
    spot = lambda *rows: torch.tensor([list(rows)], dtype=torch.float32) * size / 256
    label = lambda *values: torch.tensor([list(values)], dtype=torch.float32)
    yield "one click", spot((100, 90)), label(1), 0.0
    yield "click and padding", spot((100, 90), (0, 0)), label(1, -1), 0.0
    yield "box", spot((40, 50), (200, 180)), label(2, 3), 0.0
    yield "clicks of both kinds and an earlier mask", spot((100, 90), (30, 200), (180, 60)), label(1, 0, 1), 1.0
    yield "box, click and an earlier mask", spot((40, 50), (200, 180), (100, 90)), label(2, 3, 0), 1.0
    yield "twelve objects", torch.rand(12, 2, 2) * size, torch.tensor([[1.0, 0.0]] * 12), 1.0
    yield "five objects", torch.rand(5, 2, 2) * size, torch.tensor([[1.0, 0.0]] * 5), 1.0


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--store", choices=["fp32", "fp16", "int8"], default="int8")
    options = parser.parse_args()
    torch.manual_seed(5)
    torch.set_num_threads(1)
    os.makedirs(options.out, exist_ok=True)
    model = round_weights(load_model(options.weights), options.store)
    encoder = DeployEncoder(model).eval()
    manifest = {"size": options.size, "encoder": {}, "cases": []}

    def write(name, tensor):
        tensor.contiguous().numpy().astype("<f4").tofile(os.path.join(options.out, name + ".bin"))
        return {"file": name + ".bin", "shape": list(tensor.shape)}

    image = torch.nn.functional.interpolate(torch.randn(1, 3, 16, 16), size=(options.size, options.size), mode="bicubic")
    features = dict(zip(FEATURES, encoder(image)))
    manifest["encoder"] = {"inputs": {"image": write("image", image)}, "outputs": {name: write(name, value) for name, value in features.items()}}
    for index, (title, points, labels, has) in enumerate(prompt_cases(options.size)):
        earlier = torch.nn.functional.interpolate(torch.randn(len(points), 1, 8, 8) * 8, size=(options.size // 2,) * 2, mode="bilinear")
        decoder = DeployDecoder(model, options.size, both_views=len(points) <= MOST_OBJECTS_FOR_BOTH_VIEWS).eval()
        inputs = dict(zip(DECODER_INPUTS, (features["image_embed"], features["high_res_feats_0"], features["high_res_feats_1"], points, labels, earlier, torch.tensor([has]))))
        outputs = dict(zip(DECODER_OUTPUTS, decoder(**inputs)))
        prompts = {name: write(f"{index}_{name}", value) for name, value in inputs.items() if name not in FEATURES}
        manifest["cases"].append({"title": title, "inputs": prompts, "outputs": {name: write(f"{index}_{name}", value) for name, value in outputs.items()}})
    with open(os.path.join(options.out, "reference.json"), "w") as file:
        json.dump(manifest, file, indent=1)


if __name__ == "__main__":
    main()

"""
The prototype's weights under this folder's names: the same network, except for the score head, which starts anew, and
for convolutions over concatenated inputs, which are split into one part per input.

    python3 from_prototype.py --prototype nano.pt --out CHECKPOINTS/prototype.pt
"""
import argparse

import torch

from model import NanoModel

MODULES = {
    "enc.stem": "encoder.stage2.0", "enc.s0": "encoder.stage2.1",
    "enc.l5": "encoder.reduce32", "enc.l4": "encoder.lateral16", "enc.d4": "encoder.reduce16", "enc.l3": "encoder.lateral8",
    "enc.d3": "encoder.reduce8", "enc.l2": "encoder.lateral4", "enc.p2": "encoder.lateral2",
    "enc.g.a": "encoder.stage32.1.gate", "enc.g.b": "encoder.stage32.1.shift",
    "dec.q": "decoder.queries", "dec.k": "decoder.keys", "dec.down": "decoder.down16", "dec.upc": "decoder.up8", "dec.c4": "decoder.up4",
    "dec.c2": "decoder.up2", "dec.out": "decoder.head", "dec.b2.2.a": "decoder.blocks16.2.gate", "dec.b2.2.b": "decoder.blocks16.2.shift",
    "dec.inp.1": "decoder.enter8.norm", "dec.b4.0.1": "decoder.enter4.norm", "dec.b5.1": "decoder.enter2.norm",
}
INVERTED_RESIDUALS = {
    **{f"enc.s1.{i}": f"encoder.stage4.{i}" for i in range(2)},
    **{f"enc.s2.{i}": f"encoder.stage8.{i}" for i in range(3)},
    **{f"enc.s3.{i}": f"encoder.stage16.{i}" for i in range(4)},
    **{f"enc.s4.{i}": f"encoder.stage32.0.{i}" for i in range(3)},
    "enc.o4": "encoder.smooth16", "enc.o3.0": "encoder.smooth8.0", "enc.o3.1": "encoder.smooth8.1", "enc.o2": "encoder.smooth4",
    **{f"dec.b1.{i}": f"decoder.blocks8.{i}" for i in range(2)},
    **{f"dec.b2.{i}": f"decoder.blocks16.{i}" for i in (0, 1, 3)},
    "dec.b3": "decoder.leave8", "dec.b4.1": "decoder.leave4",
}


def renamed(old):
    new = {"decoder.similarity_scale": old["dec.scale"]}
    for source, target in [*MODULES.items(), *((a + ".f", b + ".path") for a, b in INVERTED_RESIDUALS.items())]:
        for name, value in old.items():
            if name.startswith(source + "."):
                new[target + name[len(source):]] = value
    enter8, enter4, enter2 = old["dec.inp.0.weight"], old["dec.b4.0.0.weight"], old["dec.b5.0.weight"]
    new["decoder.image8.weight"], new["decoder.prompt8.weight"] = enter8[:, :64], enter8[:, 64:]
    new["decoder.object4.weight"], new["decoder.image4.weight"] = torch.cat([enter4[:, :32], enter4[:, 64:]], 1), enter4[:, 32:64]
    new["decoder.object2.weight"], new["decoder.image2.weight"] = enter2[:, :16], enter2[:, 16:]
    return new


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prototype", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.manual_seed(0)
    model = NanoModel()
    weights = renamed(torch.load(options.prototype))
    missing = [name for name in model.state_dict() if name not in weights and not name.startswith("decoder.score.")]
    assert not missing, missing
    model.load_state_dict(weights, strict=False)
    torch.save(model.state_dict(), options.out)


if __name__ == "__main__":
    main()

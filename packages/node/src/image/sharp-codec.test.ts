import { describeImageCodec } from "@maskery/core/testing";
import { createSharpCodec } from "./sharp-codec.js";

describeImageCodec("sharp", () => createSharpCodec());

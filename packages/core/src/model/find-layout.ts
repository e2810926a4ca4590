import type { Layout, LayoutName } from "./layout.js";
import { sam2Samexporter } from "./layouts/sam2-samexporter.js";

const layouts = { "sam2-samexporter": sam2Samexporter } satisfies Record<LayoutName, Layout>;

export function findLayout(name: LayoutName): Layout {
  return layouts[name];
}

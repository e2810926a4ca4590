import { z } from "zod";
import { MaskeryError } from "../errors.js";

/** Terms under which weights may be used, beyond what the short name of the licence says. */
export const licenseTermsSchema = z.object({
  /** As their author calls them. */
  name: z.string().min(1),
  /** Where the text stands. */
  url: z.string().min(1),
  /** `"required"`: the model is neither loaded nor downloaded before the caller accepts them. */
  acceptance: z.literal("required").optional(),
});

export type LicenseTerms = z.infer<typeof licenseTermsSchema>;

/** Refuses a model whose terms have to be accepted and were not. @throws MaskeryError `FORBIDDEN`. */
export function requireAcceptedLicense(
  model: { readonly id: string; readonly terms?: LicenseTerms | undefined },
  accepted: boolean | undefined,
): void {
  if (accepted || model.terms?.acceptance !== "required") return;
  const { name, url } = model.terms;
  throw new MaskeryError(
    "FORBIDDEN",
    `${model.id}: its weights come under the ${name} (${url}). Read it; if you accept it, say so with acceptLicense: true ` +
      "or --accept-license.",
    { field: "acceptLicense" },
  );
}

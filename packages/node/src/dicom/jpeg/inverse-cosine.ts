const side = 8;

/** `basis[x * 8 + u]`: what coefficient u adds to sample x, with the scale of ITU-T T.81 A.3.3. */
const basis = Float64Array.from({ length: side * side }, (_, index) => {
  const [x, u] = [Math.floor(index / side), index % side];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * side));
});
const rows = new Float64Array(side * side);

/**
 * From the 64 coefficients of a block, row after row, to its samples, in place.
 * @param coefficients - Dequantised.
 */
export function inverseCosineTransform(coefficients: Float64Array): void {
  for (let v = 0; v < side; v += 1) {
    const at = v * side;
    let last = side - 1;
    while (last >= 0 && coefficients[at + last] === 0) last -= 1;
    for (let x = 0; x < side; x += 1) {
      let sum = 0;
      for (let u = 0; u <= last; u += 1)
        sum += (coefficients[at + u] as number) * (basis[x * side + u] as number);
      rows[at + x] = sum;
    }
  }
  for (let x = 0; x < side; x += 1)
    for (let y = 0; y < side; y += 1) {
      let sum = 0;
      for (let v = 0; v < side; v += 1)
        sum += (rows[v * side + x] as number) * (basis[y * side + v] as number);
      coefficients[y * side + x] = sum;
    }
}

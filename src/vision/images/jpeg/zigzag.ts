/** The natural position of each coefficient, row by row, by its position in the file. */
export const ZIGZAG = new Uint8Array(64);

// Diagonals from the top left, every second one upwards.
for (let diagonal = 0, index = 0; diagonal < 15; diagonal++) {
  for (let i = Math.max(0, diagonal - 7); i <= Math.min(7, diagonal); i++) {
    ZIGZAG[index++] = diagonal % 2 === 0 ? (diagonal - i) * 8 + i : i * 8 + diagonal - i;
  }
}

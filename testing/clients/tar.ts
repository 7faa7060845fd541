const BLOCK = 512;

/** The header of one plain file in a tar (ustar); the content follows, filled up to whole blocks by `tarPadding`. */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  // A path of more than 100 characters is cut at a slash, which neither part has.
  const cut = path.length > 100 ? path.indexOf("/", path.length - 101) : -1;
  header.write(path.slice(cut + 1), 0, 100, "ascii");
  header.write(path.slice(0, Math.max(cut, 0)), 345, 155, "ascii");
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

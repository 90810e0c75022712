/** PNG files that say how large they are on paper (chunk pHYs, PNG specification 11.3.5.3). */

const SIGNATURE_BYTES = 8;
const HEADER_CHUNK = 25; // IHDR: length, name, 13 bytes, checksum
const INCH = 0.0254; // metres

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** Checksum of a chunk's name and data. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

/**
 * The same PNG with its resolution, so that a text program or a journal takes it at its size.
 * @param {Uint8Array} png @param {number} dpi
 * @returns {Uint8Array}
 */
export function withResolution(png, dpi) {
  const chunk = new Uint8Array(21);
  const fields = new DataView(chunk.buffer);
  const perMetre = Math.round(dpi / INCH);
  fields.setUint32(0, 9);
  chunk.set(new TextEncoder().encode("pHYs"), 4);
  fields.setUint32(8, perMetre);
  fields.setUint32(12, perMetre);
  chunk[16] = 1; // of a metre
  fields.setUint32(17, crc32(chunk.subarray(4, 17)));
  const at = SIGNATURE_BYTES + HEADER_CHUNK;
  const made = new Uint8Array(png.length + chunk.length);
  made.set(png.subarray(0, at));
  made.set(chunk, at);
  made.set(png.subarray(at), at + chunk.length);
  return made;
}

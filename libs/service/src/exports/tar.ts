/** A tar archive of plain files (POSIX ustar), with nothing in it that the files do not say: the same files give the same bytes. */

export interface ArchivedFile {
  /** At most 100 bytes of ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Where fields of a header are: offset and bytes. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;
const LARGEST_FILE = 8 ** 11 - 1;

/** @throws RangeError for a name that is too long or not ASCII, or a file of 8 GiB or more */
export function tarOf(files: readonly ArchivedFile[]): Uint8Array {
  const padded = ({ bytes }: ArchivedFile) => Math.ceil(bytes.length / BLOCK) * BLOCK;
  const total = files.reduce((sum, file) => sum + BLOCK + padded(file), 2 * BLOCK);
  const archive = new Uint8Array(total);
  let at = 0;
  for (const file of files) {
    archive.set(headerOf(file), at);
    archive.set(file.bytes, at + BLOCK);
    at += BLOCK + padded(file);
  }
  return archive;
}

function headerOf({ name, bytes }: ArchivedFile): Uint8Array {
  if (!/^[\x21-\x7e]{1,100}$/.test(name))
    throw new RangeError(`name: "${name}", expected 1 to 100 of visible ASCII`);
  if (bytes.length > LARGEST_FILE)
    throw new RangeError(`"${name}" has ${bytes.length} bytes, expected fewer than 8 GiB`);
  const header = Buffer.alloc(BLOCK);
  const write = ([offset]: readonly [number, number], text: string) => header.write(text, offset, 'latin1');
  const octal = (field: readonly [number, number], value: number) =>
    write(field, `${value.toString(8).padStart(field[1] - 1, '0')}\0`);
  write(FIELDS.name, name);
  octal(FIELDS.mode, 0o644);
  octal(FIELDS.owner, 0);
  octal(FIELDS.group, 0);
  octal(FIELDS.size, bytes.length);
  octal(FIELDS.modified, 0);
  write(FIELDS.type, '0');
  write(FIELDS.magic, 'ustar\x0000');
  // Its own place counts as spaces.
  write(FIELDS.checksum, ' '.repeat(FIELDS.checksum[1]));
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(FIELDS.checksum, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

/** openssl prints serials with leading zeros, in lower case or with colons, depending on the command. */
export function sameSerial(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(serial: string): string {
  return serial
    .replace(/[^0-9a-f]/gi, '')
    .replace(/^0+/, '')
    .toUpperCase();
}

/** A signature in a file, as `ssh-keygen -Y sign` writes it: base64 in lines between two marks. */

const ARMOR = /^\s*-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/;

/** The base64 in one line; nothing where this is no signature of SSH. */
export function readArmor(text: string): string | undefined {
  return ARMOR.exec(text)?.[1]?.replace(/[\r\n]/g, '');
}

export function armorOf(signature: string): string {
  const lines = signature.match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

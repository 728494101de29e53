/** What Firebreak writes on copies, besides the codename and what they are of. */

/** On copies in cold storage: the image that was copied. With the codename and its source, it is the key of the copy. */
export const COPY_OF_TAG = 'firebreak:copy-of';
/**
 * On images that were encrypted anew so that they could be shared: the image that they were made from. With the codename, it
 * is their key. They have no source: they are a step of the copying, and not evidence of their own.
 */
export const PREPARED_OF_TAG = 'firebreak:prepared-of';

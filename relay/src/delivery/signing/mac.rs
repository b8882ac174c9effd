//! HMAC with a key of any length, which cannot fail.

use hmac::digest::Digest;
use hmac::digest::common::Key;
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use secrecy::zeroize::Zeroize as _;

/// The HMAC of parts one after the other.
pub fn mac<D: EagerHash + Digest>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // RFC 2104: a key is filled up with zeros to a block, and hashed before if it is longer than one. So there is no error to invent
    // a name for.
    let mut block = Key::<Hmac<D>>::default();
    if key.len() > block.len() {
        fill(&mut block, &D::digest(key));
    } else {
        fill(&mut block, key);
    }
    let mut hmac = Hmac::<D>::new(&block);
    block.as_mut_slice().zeroize();
    for part in parts {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().to_vec()
}

fn fill(block: &mut [u8], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}

//! The header fields that a signature makes.

use super::sealed::Secrets;
use crate::config::Signing;
use crate::store::UnixMs;

/// The field of the signatures of Standard Webhooks.
pub const SIGNATURE_FIELD: &str = "webhook-signature";

/// The header fields that sign a request: over just these bytes of its body, and but for the compatible one over its `webhook-id` and
/// `webhook-timestamp`, too. `id` and `wall_ms` (the time of this attempt) are to be those that
/// [`request_fields`](crate::outbound::request_fields) is given. What has run out by then does not sign.
pub fn sign(
    secrets: &Secrets,
    settings: &Signing,
    id: &str,
    wall_ms: UnixMs,
    body: &[u8],
) -> Vec<(String, String)> {
    let head = format!("{id}.{}.", wall_ms.max(0) / 1000);
    let parts = [head.as_bytes(), body];
    let standard = secrets.standard.live(wall_ms).map(|secret| format!("v1,{}", secret.sign(&parts)));
    let ed25519 = secrets.ed25519.live(wall_ms).filter(|_| settings.ed25519);
    let ed25519 = ed25519.map(|key| format!("v1a,{}", key.sign(&parts)));
    let signatures: Vec<String> = standard.chain(ed25519).collect();
    let mut fields = Vec::new();
    if !signatures.is_empty() {
        fields.push((SIGNATURE_FIELD.to_owned(), signatures.join(" ")));
    }
    if let (Some(compatible), Some(secret)) = (&settings.compatible, &secrets.compatible) {
        fields.push((compatible.header.clone(), secret.sign(compatible.hash, compatible.encoding, body)));
    }
    fields
}

//! Requests as the relay signs them, and what somebody may do to them on the way.

use cuehook_relay::config::Signing;
use cuehook_relay::delivery::signing::{KeyRing, OVERLAP_MS, Secrets, SigningSecret, sign};
use secrecy::ExposeSecret as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Of these ids none is the beginning of another one.
pub const ID: &str = "0192aaaa-bbbb-7ccc-8ddd-000000000001";
pub const OTHER_ID: &str = "0192aaaa-bbbb-7ccc-8ddd-000000000002";

/// A body in which every byte counts: blanks, numbers as they came, characters of one to four bytes.
pub const BODY: &str =
    "{\"type\": \"lead.captured\",\n \"data\":{\"price\":1.50, \"name\":\"Zoë 李 \u{1f3a5}\"} }";

/// A signed request.
#[derive(Clone, Debug)]
pub struct Signed {
    pub id: String,
    pub seconds: String,
    pub signature: String,
    pub body: String,
}

impl Signed {
    pub fn headers(&self) -> [(&str, &str); 3] {
        [
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.seconds),
            ("webhook-signature", &self.signature),
        ]
    }
}

pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

pub fn text(secret: &SigningSecret) -> String {
    secret.to_text().expose_secret().to_owned()
}

fn secret(text: &str) -> SigningSecret {
    SigningSecret::parse(&text.into()).unwrap()
}

/// Secrets of a webhook that has this one alone.
pub fn alone(text: &str) -> Secrets {
    Secrets { standard: KeyRing::of([secret(text)]).unwrap(), ..Secrets::default() }
}

/// The same, after the one was rotated for the other, a moment ago.
pub fn rotated(old: &str, new: &str) -> Secrets {
    let mut secrets = alone(old);
    secrets.standard.rotate(secret(new), now() - 1000, OVERLAP_MS).unwrap();
    secrets
}

/// A request of that time, in milliseconds.
pub fn signed_at(secrets: &Secrets, settings: &Signing, id: &str, wall_ms: i64, body: &str) -> Signed {
    let fields = sign(secrets, settings, id, wall_ms, body.as_bytes());
    let (_, signature) = fields.iter().find(|(name, _)| name == "webhook-signature").unwrap();
    Signed {
        id: id.to_owned(),
        seconds: (wall_ms / 1000).to_string(),
        signature: signature.clone(),
        body: body.to_owned(),
    }
}

/// A request of now.
pub fn signed(secrets: &Secrets, id: &str) -> Signed {
    signed_at(secrets, &Signing::default(), id, now(), BODY)
}

/// A request that nobody may take, and why.
pub type Bad = (&'static str, Signed);

/// What somebody without the secret makes of a request, and requests that come too late or too early.
pub fn bad(text: &str) -> Vec<Bad> {
    let secrets = alone(text);
    let good = signed(&secrets, ID);
    let with = |change: fn(&mut Signed)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    let at = |off_ms: i64| signed_at(&secrets, &Signing::default(), ID, now() + off_ms, BODY);
    let stranger = self::text(&SigningSecret::generate().unwrap());
    let later = Signed { seconds: at(1000).seconds, ..good.clone() };
    vec![
        ("a byte of the body is another", with(|one| one.body = one.body.replace("1.50", "9.50"))),
        ("the body has a blank more", with(|one| one.body.push(' '))),
        ("the body is as JSON writes it", with(|one| one.body = one.body.replace(": ", ":"))),
        ("the body is that of nothing", with(|one| one.body = "{}".into())),
        ("the id is another", with(|one| one.id = OTHER_ID.into())),
        ("the time is another", later),
        ("the secret is a stranger's", signed(&alone(&stranger), ID)),
        ("a signature is cut off", with(|one| one.signature.truncate(20))),
        (
            "a signature is of another version",
            with(|one| one.signature = one.signature.replace("v1,", "v2,")),
        ),
        (
            "a signature says it is asymmetric",
            with(|one| one.signature = one.signature.replace("v1,", "v1a,")),
        ),
        ("there is a version alone", with(|one| one.signature = "v1,".into())),
        ("it is of six minutes ago", at(-360_000)),
        ("it is of six minutes ahead", at(360_000)),
    ]
}

//! Tokens of players: JSON Web Tokens, HS256 alone, short-lived, bound to the origin of the page and to a project.

use crate::store::UnixMs;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

/// Bytes of a token at most.
pub const MAX_TOKEN: usize = 4096;
/// Bytes of a project's id at most.
const MAX_PROJECT: usize = 128;
/// Bytes of an origin at most.
const MAX_ORIGIN: usize = 300;
/// By how many seconds clocks may differ.
const LEEWAY_S: f64 = 30.0;
/// For how many seconds a token holds at most.
const MAX_LIFETIME_S: f64 = 86_400.0;
const AUDIENCE: &str = "cuehook-relay";

/// The keys of tokens: mints with the first, recognises those of all. Cloning does not copy them.
#[derive(Clone)]
pub struct PlayerTokens {
    mint: Arc<EncodingKey>,
    verify: Arc<[DecodingKey]>,
}

/// Whom a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerClaims {
    /// The project.
    pub project: String,
    /// The origin of the page, as browsers write it.
    pub origin: String,
}

/// Why a token does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It is longer than any token has to be.
    #[error("the token is longer than 4096 bytes")]
    TooLarge,
    /// It is no JSON Web Token, or a claim is missing or of another type.
    #[error("this is no player token: a JSON Web Token with `aud`, `origin`, `project` and `exp`")]
    Malformed,
    /// It is not signed with HS256.
    #[error("the token is not signed with HS256")]
    Algorithm,
    /// It is signed with another key, or was changed.
    #[error("the token is signed with another key, or was changed")]
    Signature,
    /// It is meant for somebody else.
    #[error("the token's `aud` is not `cuehook-relay`")]
    Audience,
    /// It has run out.
    #[error("the token has run out")]
    Expired,
    /// It does not hold yet.
    #[error("the token does not hold yet")]
    Early,
    /// It holds for longer than tokens may.
    #[error("the token holds for longer than 24 hours")]
    TooLong,
    /// Its origin is not the one of the page that sends it, or the request has none.
    #[error("the token is for another origin than the page's")]
    Origin,
    /// Its project's id is empty or too long, or its origin is none.
    #[error(
        "a project's id is 1 to 128 printable characters, an origin scheme, host and port, such as `https://shop.example`"
    )]
    Claims,
}

impl TokenFault {
    /// The status of a response to it: whether another token would help (401), or this one is somebody else's (403).
    pub fn status(self) -> u16 {
        if self == Self::Origin { 403 } else { 401 }
    }
}

/// What is read of a token.
#[derive(Deserialize)]
struct Claims {
    origin: String,
    project: String,
    exp: f64,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    nbf: Option<f64>,
}

/// What is written into a token.
#[derive(Serialize)]
struct NewClaims<'c> {
    aud: &'static str,
    origin: &'c str,
    project: &'c str,
    iat: i64,
    exp: i64,
}

impl PlayerTokens {
    /// Mints with `first`; recognises tokens of `first` and `others`. The bytes of the texts are the keys.
    pub fn new(first: &SecretString, others: &[SecretString]) -> Self {
        let bytes = |key: &SecretString| DecodingKey::from_secret(key.expose_secret().as_bytes());
        Self {
            mint: Arc::new(EncodingKey::from_secret(first.expose_secret().as_bytes())),
            verify: [first].into_iter().chain(others).map(bytes).collect(),
        }
    }

    /// A token that holds for so many minutes, at most 1440.
    ///
    /// # Errors
    /// If project or origin cannot be those of a token, or it would hold for too long.
    pub fn mint(&self, project: &str, origin: &str, now: UnixMs, minutes: u32) -> Result<String, TokenFault> {
        if !is_project(project) || !is_origin(origin) {
            return Err(TokenFault::Claims);
        }
        if f64::from(minutes) * 60.0 > MAX_LIFETIME_S {
            return Err(TokenFault::TooLong);
        }
        let iat = now.div_euclid(1000);
        let claims = NewClaims {
            aud: AUDIENCE,
            origin,
            project,
            iat,
            exp: iat.saturating_add(i64::from(minutes) * 60),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.mint)
            .map_err(|_| TokenFault::Malformed)
    }

    /// Whom a token is for, if it counts now and comes from a page of this origin: the request's `Origin`, as it is.
    ///
    /// # Errors
    /// If it does not count.
    pub fn verify(&self, token: &str, origin: Option<&str>, now: UnixMs) -> Result<PlayerClaims, TokenFault> {
        if token.len() > MAX_TOKEN {
            return Err(TokenFault::TooLarge);
        }
        let claims = self.read(token)?;
        #[allow(clippy::cast_precision_loss)]
        let now = now as f64 / 1000.0;
        let ahead = claims.exp - now;
        // Not a number of seconds, or infinitely many: neither is a time.
        if !claims.exp.is_finite() || ![claims.iat, claims.nbf].into_iter().flatten().all(f64::is_finite) {
            return Err(TokenFault::Malformed);
        }
        if ahead <= -LEEWAY_S {
            return Err(TokenFault::Expired);
        }
        if claims.nbf.is_some_and(|from| from > now + LEEWAY_S) {
            return Err(TokenFault::Early);
        }
        // A token of a year must not begin to count on its last day, if it says when it was made.
        if ahead > MAX_LIFETIME_S + LEEWAY_S
            || claims.iat.is_some_and(|made| claims.exp - made > MAX_LIFETIME_S + LEEWAY_S)
        {
            return Err(TokenFault::TooLong);
        }
        if !is_project(&claims.project) || !is_origin(&claims.origin) {
            return Err(TokenFault::Claims);
        }
        if origin != Some(claims.origin.as_str()) {
            return Err(TokenFault::Origin);
        }
        Ok(PlayerClaims { project: claims.project, origin: claims.origin })
    }

    /// The claims of a token whose signature and audience are right. Times are ours to check: the library asks the system's clock.
    fn read(&self, token: &str) -> Result<Claims, TokenFault> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["aud", "exp"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let mut fault = TokenFault::Signature;
        for key in self.verify.iter() {
            match jsonwebtoken::decode::<Claims>(token, key, &validation) {
                // What a token says must be understood, and is not: extensions have no other way to say so (RFC 7515, 4.1.11).
                Ok(read) if read.header.crit.is_some() => return Err(TokenFault::Malformed),
                Ok(read) => return Ok(read.claims),
                Err(error) => fault = fault_of(error.kind()),
            }
            // Whatever else is wrong is wrong with another key, too.
            if fault != TokenFault::Signature {
                break;
            }
        }
        Err(fault)
    }
}

impl Debug for PlayerTokens {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "PlayerTokens({} keys)", self.verify.len())
    }
}

fn fault_of(kind: &ErrorKind) -> TokenFault {
    match kind {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => TokenFault::Algorithm,
        ErrorKind::InvalidAudience => TokenFault::Audience,
        _ => TokenFault::Malformed,
    }
}

/// Whether it can be the id of a project in a token.
fn is_project(project: &str) -> bool {
    (1..=MAX_PROJECT).contains(&project.len()) && !project.chars().any(char::is_control)
}

/// Whether it can be the origin of a token: not `null`, which every sandboxed page has.
fn is_origin(origin: &str) -> bool {
    origin.len() <= MAX_ORIGIN && crate::config::origin_fault(origin).is_none()
}

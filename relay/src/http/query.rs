//! Queries of addresses: every parameter is known, and there once.

use super::fault::Fault;
use axum::extract::Query;
use axum::http::Uri;

/// The parameters of an address, each of which has to be among `known`.
pub(crate) fn read(uri: &Uri, known: &[&str]) -> Result<Parameters, Fault> {
    let malformed = |_| Fault::bad("the query of the address cannot be read");
    let Query(list) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(malformed)?;
    let mut seen: Vec<&str> = Vec::with_capacity(known.len());
    for (name, _) in &list {
        // What is not known is not repeated in the message: it may be a token in the wrong place.
        let Some(name) = known.iter().find(|known| *known == name) else {
            let names = match known {
                [] => "there is none".to_owned(),
                known => format!("known are `{}`", known.join("`, `")),
            };
            return Err(Fault::bad(format!("the query has a parameter that is not known here; {names}")));
        };
        if seen.contains(name) {
            return Err(Fault::bad(format!("the query has `{name}` more than once")));
        }
        seen.push(name);
    }
    Ok(Parameters(list))
}

/// What stands in a query.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// A parameter's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_and_single() {
        let read = |uri: &'static str| read(&Uri::from_static(uri), &["type", "limit"]);
        let found = read("/v1/events?type=a%2Eb&limit=").unwrap();
        assert_eq!([found.get("type"), found.get("limit")], [Some("a.b"), Some("")]);
        assert!(read("/v1/events").unwrap().get("type").is_none());
        for (uri, part) in [("/?type=a&type=a", "more than once"), ("/?secret-token=1", "not known")] {
            let fault = read(uri).err().unwrap();
            assert!(fault.message.contains(part) && !fault.message.contains("secret"), "{}", fault.message);
        }
    }
}

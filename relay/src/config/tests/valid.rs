//! What is read.

use super::*;
use crate::store::Retention;
use crate::token::Scope;
use secrecy::ExposeSecret as _;

#[test]
fn nothing_is_needed_on_loopback() {
    let case = Case::new("");
    let settings = case.settings();
    assert_eq!(settings.listen, LISTEN);
    assert!(settings.listen.ip().is_loopback());
    assert!(matches!(&settings.database, Database::Sqlite(path) if path.ends_with("cuehook-relay.db")));
    assert_eq!(settings.limits, Limits::default());
    assert_eq!(settings.network, Network::default());
    assert_eq!(settings.retention, Retention::default());
    assert!(settings.origins.is_empty() && settings.webhooks.is_empty());
    assert!(!settings.replace_sealed);
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_types() {
    let defaults: Vec<(&str, u32)> = KEYS
        .iter()
        .filter_map(|key| match key.kind {
            Kind::Number(least, most, default) => {
                assert!((least..=most).contains(&default), "{}", key.path);
                Some((key.path, default))
            }
            _ => None,
        })
        .collect();
    let text: String = defaults
        .iter()
        .map(|(path, default)| {
            let (section, name) = path.split_once('.').unwrap();
            format!("[{section}]\n{name} = {}\n", default)
        })
        .collect();
    // Each section once.
    let mut seen = std::collections::BTreeSet::new();
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with('[') || seen.insert(*line)).collect();
    let settings = Case::new(&text.join("\n")).settings();
    assert_eq!((settings.limits, settings.retention), (Limits::default(), Retention::default()));
}

#[test]
fn every_number_reaches_its_own_place() {
    let case = Case::new(
        "[limits]\nconnections = 11\ncallsAtOnce = 12\nrequestsPerSecond = 13\nbytesPerSecond = 2014\n\
         callBytes = 2015\neventsBytes = 2016\neventsPerRequest = 17\nbudgetMs = 618\ndrainMs = 19\n\
         [retention]\ncallsHours = 2\neventsDays = 3\nidsDays = 4\n",
    );
    let settings = case.settings();
    let expected = Limits {
        connections: 11,
        calls_at_once: 12,
        requests_per_second: 13,
        bytes_per_second: 2014,
        call_bytes: 2015,
        events_bytes: 2016,
        events_per_request: 17,
        budget_ms: 618,
        drain_ms: 19,
    };
    assert_eq!(settings.limits, expected);
    let day_ms = 86_400_000;
    let retention = Retention { calls_ms: day_ms / 12, events_ms: 3 * day_ms, ids_ms: 4 * day_ms };
    assert_eq!(settings.retention, retention);
}

#[test]
fn webhooks_are_read_with_their_secrets_apart() {
    let case = Case::new(
        r#"
        [[webhook]]
        id = "order"
        url = "https://shop.example/hooks/order?a=1"
        timeoutMs = 5000
        retries = 1
        waitForResponse = true
        includeInteractions = ["a", "b"]
        projects = ["spring"]
        events = ["lead.*", "view.ended"]
        headers = [
            { name = "X-Shop", value = "spring" },
            { name = "Authorization", secret = "env:SHOP" },
            { name = "X-Key", secret = "file:key.txt" },
        ]

        [[webhook]]
        id = "lead"
        name = "Leads"
        url = "http://127.0.0.1:3000/lead"
        includeInteractions = "all"
        "#,
    )
    .with("SHOP", "Bearer s3cret")
    .file("key.txt", "from a file\r\n");
    let settings = case.settings();
    let [(lead, none), (order, secrets)] = settings.webhooks.as_slice() else { panic!("two, by id") };
    assert_eq!((lead.id.as_str(), lead.name.as_str(), none.len()), ("lead", "Leads", 0));
    assert_eq!((lead.timeout_ms, lead.retries, lead.wait_for_response), (8000, 2, false));
    assert_eq!(lead.include_interactions, IncludeInteractions::Word(IncludeWord::All));
    assert_eq!((order.name.as_str(), order.timeout_ms, order.retries), ("order", 5000, 1));
    assert!(order.wait_for_response);
    assert_eq!(order.include_interactions, IncludeInteractions::Elements(vec!["a".into(), "b".into()]));
    assert_eq!(
        (&order.projects[..], &order.events[..]),
        (&["spring".to_owned()][..], &["lead.*".to_owned(), "view.ended".to_owned()][..])
    );
    let values: Vec<Option<&str>> = order.headers.iter().map(|header| header.value.as_deref()).collect();
    assert_eq!(values, [Some("spring"), None, None]);
    let secrets: Vec<(&str, &str)> =
        secrets.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    assert_eq!(secrets, [("Authorization", "Bearer s3cret"), ("X-Key", "from a file")]);
}

#[test]
fn api_keys_are_recognised_by_their_hash() {
    let key = crate::token::NewApiKey::generate().unwrap();
    let text = format!(
        "[[apiKey]]\nname = \"shop\"\nhash = \"{}\"\nscopes = {:?}\nproject = \"Frühling\"",
        key.hash_text(),
        Scope::WORDS
    );
    let settings = Case::new(&text).settings();
    let known = settings.api_keys.verify(key.text.expose_secret()).unwrap();
    assert_eq!((known.name.as_str(), known.scopes.as_slice()), ("shop", &Scope::ALL[..]));
    assert_eq!(known.project.as_deref(), Some("Frühling"));
}

#[test]
fn databases_are_files_servers_or_nothing() {
    let database = |text: &str| Case::new(&format!("database = {text:?}")).settings().database;
    for text in ["sqlite:data/relay.db", "sqlite://data/relay.db"] {
        assert!(
            matches!(database(text), Database::Sqlite(path) if path.ends_with("data/relay.db")),
            "{text}"
        );
    }
    assert!(matches!(database("memory"), Database::Memory));
    for text in ["postgres://db.example/relay", "postgresql://u@db.example:5433/relay"] {
        assert!(matches!(database(text), Database::Postgres(url) if url.expose_secret() == text));
    }
    let case = Case::new("database = \"env:DB\"").with("DB", "postgres://u:pw@db.example/relay");
    assert!(
        matches!(case.settings().database, Database::Postgres(url) if url.expose_secret().contains(":pw@"))
    );
    assert!(case.notices().is_empty(), "{:?}", case.notices());
}

#[test]
fn localhost_is_loopback() {
    assert_eq!(Case::new("listen = \"localhost:9000\"").settings().listen.to_string(), "127.0.0.1:9000");
    assert!(Case::new("listen = \"[::1]:9000\"").settings().is_loopback());
}

#[test]
fn networks_are_prefixes_or_addresses() {
    let case = Case::new("[network]\nallow = [\"10.0.0.0/8\", \"::1\"]\nproxies = [\"192.0.2.7\"]");
    let network = case.settings().network;
    assert_eq!(network.allow.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "::1/128"]);
    assert_eq!(network.proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["192.0.2.7/32"]);
}

#[test]
fn plain_http_goes_to_this_machine_and_to_allowed_addresses() {
    let webhook = |allow: &str, url: &str| {
        Case::new(&format!("[network]\nallow = [{allow}]\n[[webhook]]\nid = \"a\"\nurl = \"{url}\"")).load()
    };
    for url in ["http://127.0.0.1:3000", "http://[::1]:3000/", "http://localhost:3000", "http://a.localhost/"]
    {
        assert!(webhook("", url).is_ok(), "{url}");
    }
    for url in
        ["http://10.1.2.3/", "http://shop.example/", "http://notlocalhost/", "http://localhost.example/"]
    {
        let faults = webhook("", url).unwrap_err();
        assert_eq!(faults.0[0].code, FaultCode::InsecureUrl, "{url}");
    }
    assert!(webhook("\"10.0.0.0/8\"", "http://10.1.2.3/").is_ok());
    assert!(
        webhook("\"10.0.0.0/8\"", "http://demo:3000/").is_ok(),
        "which address it has is seen when it is called"
    );
    assert!(webhook("\"10.0.0.0/8\"", "http://192.0.2.1/").is_err());
    // The parser of URLs reads these as addresses.
    assert!(webhook("", "http://0x7f.1/").is_ok());
    assert!(webhook("", "http://0x0a.1.2.3/").is_err());
}

#[test]
fn what_operators_should_know_is_said() {
    let danger = Case::new(
        "listen = \"0.0.0.0:80\"\n[players]\norigins = [\"https://a.example\"]\n[network]\nallow = [\"10.0.0.0/8\"]",
    );
    assert!(danger.notices()[0].starts_with("DANGER: network.allow"), "{:?}", danger.notices());
    let here = Case::new("[[webhook]]\nid = \"a\"\nurl = \"http://localhost:1\"");
    assert!(here.notices()[0].contains("not called unless network.allow"), "{:?}", here.notices());
    let password = Case::new("database = \"postgres://u:pw@h/d\"");
    assert!(password.notices()[0].contains("password is written in the file"));
    assert!(!password.notices()[0].contains("pw@"));
    let name = Case::new("").with("CUEHOOK_RELAY_LISTN", "x").with("CUEHOOK_RELAY_LOG", "debug");
    assert_eq!(
        name.notices(),
        [
            "the variable `CUEHOOK_RELAY_LISTN` means nothing to the relay; did you mean `CUEHOOK_RELAY_LISTEN`?"
        ]
    );
}

#[test]
fn what_webhooks_are_sent_and_how_is_read() {
    let case = Case::new(
        r#"
        [[webhook]]
        id = "w"
        url = "https://w.example/"
        headers = [{ name = "x-key", secret = "env:KEY" }]
        events = ["edition.*", "endpoint.*"]
        videos = ["intro"]
        filters = [{ path = "$.a", equal = "1" }, { path = "$.b[*].c", in = ["x", "y"] }]
        optIn = true
        overrideOrigins = ["https://own.example", "*"]
        ordered = true
        active = false
        method = "PUT"
        format = "dynamic-content"
        template = { body = "{{ type }}", contentType = "text/plain" }
        signing = { ed25519 = true, compatible = { header = "X-Sig", hash = "sha1", encoding = "base64" } }
        signingSecret = "env:SIGNING"
        compatibleSecret = "env:CHOSEN"
        "#,
    );
    let case = case
        .with("KEY", "of-the-header")
        .with("SIGNING", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        .with("CHOSEN", "chosen");
    let settings = case.settings();
    let (webhook, sealed) = &settings.webhooks[0];
    let compatible = CompatibleSignature {
        header: "X-Sig".into(),
        hash: SignatureHash::Sha1,
        encoding: SignatureEncoding::Base64,
    };
    let filter = |path: &str, any_of: &[&str]| Filter {
        path: path.into(),
        any_of: any_of.iter().map(|text| (*text).to_owned()).collect(),
    };
    let expected = Webhook {
        id: "w".into(),
        name: "w".into(),
        url: "https://w.example/".into(),
        headers: vec![Header { name: "x-key".into(), value: None }],
        retries: 2,
        events: vec!["edition.*".into(), "endpoint.*".into()],
        videos: vec!["intro".into()],
        filters: vec![filter("$.a", &["1"]), filter("$.b[*].c", &["x", "y"])],
        opt_in: true,
        override_origins: vec!["https://own.example".into(), "*".into()],
        ordered: true,
        active: false,
        method: Method::Put,
        format: EventFormat::DynamicContent,
        template: Some(Template { body: "{{ type }}".into(), content_type: "text/plain".into() }),
        signing: Signing { ed25519: true, compatible: Some(compatible) },
        ..Webhook::default()
    };
    assert_eq!(*webhook, expected);
    let sealed: Vec<(&str, &str)> =
        sealed.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    assert_eq!(
        sealed,
        [
            ("x-key", "of-the-header"),
            (":standard", "0,-,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            (":compatible", "chosen"),
        ]
    );
}

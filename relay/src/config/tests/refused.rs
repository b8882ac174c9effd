//! What is refused, and in which words.

use super::*;

/// Each: the file, and the lines that are said of it.
const CASES: &[(&str, &[&str])] = &[
    (
        "listen = ",
        &["relay.toml:1:10: this is no TOML: string values must be quoted, expected literal string [syntax]"],
    ),
    (
        "\nlistn = \"127.0.0.1:1\"",
        &["relay.toml:2:1: listn: there is no such key; did you mean `listen`? [unknown-key]"],
    ),
    (
        "[limits]\nrequests_per_second = 3",
        &[
            "relay.toml:2:1: limits.requests_per_second: there is no such key; did you mean `requestsPerSecond`? [unknown-key]",
        ],
    ),
    (
        "[retention]\nx = 3",
        &[
            "relay.toml:2:1: retention.x: there is no such key; known keys: callsHours, eventsDays, idsDays [unknown-key]",
        ],
    ),
    (
        "limits = 3",
        &["relay.toml:1:10: limits: found a whole number; write a table: `[limits]` [wrong-type]"],
    ),
    ("listen = 8788", &["relay.toml:1:10: listen: found a whole number; write a text [wrong-type]"]),
    (
        "listen = \"8788\"",
        &[
            "relay.toml:1:10: listen: write an address and a port, such as `127.0.0.1:8788`, or `0.0.0.0:8788` for all addresses [wrong-value]",
        ],
    ),
    (
        "[limits]\ncallBytes = 12\ncallsAtOnce = \"many\"\nbudgetMs = 1.5\ndrainMs = -1",
        &[
            "relay.toml:2:13: limits.callBytes: found 12; write a whole number from 1024 to 16777216 [out-of-range]",
            "relay.toml:3:15: limits.callsAtOnce: found a text; write a whole number from 1 to 100000 [wrong-type]",
            "relay.toml:4:12: limits.budgetMs: found a number with a fraction; write a whole number from 500 to 60000 [wrong-type]",
            "relay.toml:5:11: limits.drainMs: found -1; write a whole number from 0 to 300000 [out-of-range]",
        ],
    ),
    (
        "listen = \"0.0.0.0:80\"",
        &[
            "configuration: players.origins: a relay that others can reach must know the pages that may use it; write `origins = [\"https://shop.example\"]` under `[players]` [needed-off-loopback]",
        ],
    ),
    (
        "[players]\norigins = [\"https://a.example/\", \"*\", \"https://*.a.example\", \"a.example\", \"null\", \"https://b.example\", \"https://b.example\", \"HTTPS://C.example:443\", 3]",
        &[
            "relay.toml:2:12: players.origins[0]: an origin is scheme, host and port, such as `https://shop.example`; write `https://a.example` [wrong-value]",
            "relay.toml:2:34: players.origins[1]: `*` would let every page in; list the origins one by one [wrong-value]",
            "relay.toml:2:39: players.origins[2]: `*` would let every page in; list the origins one by one [wrong-value]",
            "relay.toml:2:62: players.origins[3]: an origin is scheme, host and port, such as `https://shop.example` [wrong-value]",
            "relay.toml:2:75: players.origins[4]: an origin is scheme, host and port, such as `https://shop.example` [wrong-value]",
            "relay.toml:2:104: players.origins[6]: this origin is there twice [duplicate]",
            "relay.toml:2:125: players.origins[7]: an origin is scheme, host and port, such as `https://shop.example`; write `https://c.example` [wrong-value]",
            "relay.toml:2:150: players.origins[8]: found a whole number; write a text [wrong-type]",
        ],
    ),
    (
        "masterKeys = [\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"]\n[players]\nkeys = [\"env:SHORT\"]",
        // The variable of the environment counts more than the file for master keys.
        &[
            "relay.toml:3:9: players.keys[0]: a key of player tokens has 32 characters at least; `cuehook-relay key --players` makes one [secret-source]",
        ],
    ),
    (
        "[network]\nallow = [\"10.1.2.3/8\", \"everything\"]",
        &[
            "relay.toml:2:10: network.allow[0]: the address has bits beyond its prefix; write `10.0.0.0/8` [wrong-value]",
            "relay.toml:2:24: network.allow[1]: write a network such as `10.0.0.0/8` or `fd00::/8`, or one address [wrong-value]",
        ],
    ),
    (
        "[webhook]\nid = \"a\"",
        &["relay.toml:1:1: webhook: found a table; write a list of tables: `[[webhook]]` [wrong-type]"],
    ),
    (
        "[[webhook]]\n",
        &[
            "relay.toml:1:1: webhook[0]: `id` is missing; write `id = \"order\"` [missing-key]",
            "relay.toml:1:1: webhook[0]: `url` is missing; write `url = \"https://shop.example/hooks/order\"` [missing-key]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a b\"\nurl = \"https://u:p@a.example\"\ntimeoutMs = 1\nretries = 9\nwaitForResponse = 1\nincludeInteractions = \"some\"\nevents = [\"lead.captred\"]\nprojects = [\"\"]\nname = \" \"",
        &[
            "relay.toml:2:6: webhook[0].id: an id is 1 to 64 letters, digits, `-`, `_` or `.`, and is neither `.` nor `..` [wrong-value]",
            "relay.toml:3:7: webhook[0].url: a URL holds no user and password; send them in a secret header field `authorization` [wrong-value]",
            "relay.toml:4:13: webhook[0].timeoutMs: found 1; write a whole number from 500 to 60000 [out-of-range]",
            "relay.toml:5:11: webhook[0].retries: found 9; write a whole number from 0 to 5 [out-of-range]",
            "relay.toml:6:19: webhook[0].waitForResponse: found a whole number; write `true` or `false` [wrong-type]",
            "relay.toml:7:23: webhook[0].includeInteractions: write `\"none\"`, `\"all\"`, or a list of ids of elements [wrong-value]",
            "relay.toml:8:11: webhook[0].events[0]: Cuehook has no such event; did you mean `lead.captured`? [wrong-value]",
            "relay.toml:9:13: webhook[0].projects[0]: a project's id is one line of 1 to 128 bytes [wrong-value]",
            "relay.toml:10:8: webhook[0].name: a name is one line of 1 to 200 bytes [wrong-value]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\n[[webhook]]\nid = \"a\"\nurl = \"ftp://a.example\"\n[[webhook]]\nid = \"b\"\nurl = \"/hook#x\"\n[[webhook]]\nid = \"c\"\nurl = \"https://a.example/#x\"",
        &[
            "relay.toml:5:6: webhook[1].id: another webhook is called `a`; give this one an id of its own [duplicate]",
            "relay.toml:6:7: webhook[1].url: write an absolute URL such as `https://shop.example/hooks/order` [wrong-value]",
            "relay.toml:9:7: webhook[2].url: write an absolute URL such as `https://shop.example/hooks/order` [wrong-value]",
            "relay.toml:12:7: webhook[3].url: what follows `#` is never sent; take it out [wrong-value]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\nheaders = [\n{ name = \"Webhook-Signature\", value = \"x\" },\n{ name = \"webhook-signature-v2\", value = \"x\" },\n]\nsigning = { compatible = { header = \"webhook-signature\" } }\ncompatibleSecret = \"env:SET\"\noverrideOrigins = [\"https://b.example/\"]",
        &[
            "relay.toml:5:10: webhook[0].headers[0].name: the relay or the connection sets `webhook-signature` itself; take it out [reserved-header]",
            "relay.toml:6:10: webhook[0].headers[1].name: the relay or the connection sets `webhook-signature-v2` itself; take it out [reserved-header]",
            "relay.toml:8:37: webhook[0].signing.compatible.header: the relay or the connection sets `webhook-signature` itself; take it out [reserved-header]",
            "relay.toml:10:20: webhook[0].overrideOrigins[0]: an origin is scheme, host and port, such as `https://shop.example`; write `https://b.example` [wrong-value]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\nheaders = [\n{ name = \"Content-Type\", value = \"x\" },\n{ name = \"Webhook-Id\", value = \"x\" },\n{ name = \"content-length\", value = \"x\" },\n{ name = \"HOST\", value = \"x\" },\n{ name = \"cuehook-x\", value = \"x\" },\n{ name = \"a b\", value = \"x\" },\n{ name = \"a\", value = \"x\\ny\" },\n{ name = \"A\", value = \"é\" },\n{ name = \"b\" },\n{ name = \"c\", value = \"x\", secret = \"env:SET\" },\n{ name = \"d\", secrt = \"env:SET\" },\n]",
        &[
            "relay.toml:5:10: webhook[0].headers[0].name: the relay or the connection sets `content-type` itself; take it out [reserved-header]",
            "relay.toml:6:10: webhook[0].headers[1].name: the relay or the connection sets `webhook-id` itself; take it out [reserved-header]",
            "relay.toml:7:10: webhook[0].headers[2].name: the relay or the connection sets `content-length` itself; take it out [reserved-header]",
            "relay.toml:8:10: webhook[0].headers[3].name: the relay or the connection sets `host` itself; take it out [reserved-header]",
            "relay.toml:9:10: webhook[0].headers[4].name: the relay or the connection sets `cuehook-x` itself; take it out [reserved-header]",
            "relay.toml:10:10: webhook[0].headers[5].name: the name of a header consists of letters, digits and `-` [wrong-value]",
            "relay.toml:11:23: webhook[0].headers[6].value: the value of a header is one line; take out the line breaks and NUL [wrong-value]",
            "relay.toml:12:10: webhook[0].headers[7].name: this field is there twice; one value is sent [duplicate]",
            "relay.toml:12:23: webhook[0].headers[7].value: the value of a header consists of printable ASCII characters; encode the others [wrong-value]",
            "relay.toml:13:1: webhook[0].headers[8]: write either `value`, or `secret = \"env:NAME\"` or `secret = \"file:/path\"` [missing-key]",
            "relay.toml:14:1: webhook[0].headers[9]: write either `value`, or `secret = \"env:NAME\"` or `secret = \"file:/path\"` [missing-key]",
            "relay.toml:15:1: webhook[0].headers[10]: write either `value`, or `secret = \"env:NAME\"` or `secret = \"file:/path\"` [missing-key]",
            "relay.toml:15:15: webhook[0].headers[10].secrt: there is no such key; did you mean `secret`? [unknown-key]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\nheaders = [\n{ name = \"a\", secret = \"s3cret\" },\n{ name = \"b\", secret = \"env:UNSET\" },\n{ name = \"c\", secret = \"env:BLANK\" },\n{ name = \"d\", secret = \"file:nowhere\" },\n{ name = \"e\", secret = \"file:empty\" },\n{ name = \"f\", secret = \"file:bytes\" },\n{ name = \"g\", secret = \"env:LINES\" },\n]",
        &[
            "relay.toml:5:24: webhook[0].headers[0].secret: a secret is not written here; write where it is: `env:NAME` or `file:/path` [secret-source]",
            "relay.toml:6:24: webhook[0].headers[1].secret: the environment has no variable `UNSET` [secret-source]",
            "relay.toml:7:24: webhook[0].headers[2].secret: `env:BLANK` is empty [secret-source]",
            "relay.toml:8:24: webhook[0].headers[3].secret: the file `nowhere` cannot be read: No such file or directory (os error 2) [secret-source]",
            "relay.toml:9:24: webhook[0].headers[4].secret: `file:empty` is empty [secret-source]",
            "relay.toml:10:24: webhook[0].headers[5].secret: `file:bytes` is not UTF-8 [secret-source]",
            "relay.toml:11:24: webhook[0].headers[6].secret: the value of a header is one line; take out the line breaks and NUL [secret-source]",
        ],
    ),
    (
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\nheaders = [{ name = \"X-Sig\", value = \"x\" }]\nvideos = [\"\"]\nfilters = [{ path = \"data.video.id\", equal = \"v\" }, { path = \"$.a\" }, { path = \"$.a\", in = [] }, { paht = \"$.a\", in = [\"b\"] }]\nmethod = \"GET\"\nformat = \"hipo\"\ntemplate = { body = \"x\", contentType = \"json\", type = 1 }\nsigning = { compatible = { header = \"x-sig\", hash = \"md5\" }, ed25519 = 1 }\nactive = \"no\"\nsigningSecret = \"whsec_c2VjcmV0\"\n[[webhook]]\nid = \"b\"\nurl = \"https://a.example\"\ncompatibleSecret = \"env:SET\"\nsigning = 1\noptIn = 1",
        &[
            "relay.toml:5:11: webhook[0].videos[0]: a video's id is one line of 1 to 128 bytes [wrong-value]",
            "relay.toml:6:21: webhook[0].filters[0].path: a path begins with `$`, such as `$.data.video.id` [wrong-value]",
            "relay.toml:6:53: webhook[0].filters[1]: write either `equal = \"…\"` or `in = [\"…\"]` [missing-key]",
            "relay.toml:6:71: webhook[0].filters[2]: nothing is wanted; write `equal`, or `in` with at least one text [wrong-value]",
            "relay.toml:6:98: webhook[0].filters[3]: `path` is missing; write `path = \"$.data.video.id\"` [missing-key]",
            "relay.toml:6:100: webhook[0].filters[3].paht: there is no such key; did you mean `path`? [unknown-key]",
            "relay.toml:7:10: webhook[0].method: write one of `POST`, `PUT`, `PATCH`, `DELETE` [wrong-value]",
            "relay.toml:8:10: webhook[0].format: write one of `cuehook`, `cloudevents`, `xapi`, `hippo`, `mindstamp`, `api-video`, `cincopa`, `dynamic-content` [wrong-value]",
            "relay.toml:9:40: webhook[0].template.contentType: write a content type such as `application/json` [wrong-value]",
            "relay.toml:9:48: webhook[0].template.type: there is no such key; known keys: body, contentType [unknown-key]",
            "relay.toml:10:26: webhook[0].signing.compatible: `compatibleSecret` is missing, the text under which this signature is made [missing-key]",
            "relay.toml:10:37: webhook[0].signing.compatible.header: this field is among `headers`; one value is sent [duplicate]",
            "relay.toml:10:53: webhook[0].signing.compatible.hash: write one of `sha1`, `sha256`, `sha512` [wrong-value]",
            "relay.toml:10:72: webhook[0].signing.ed25519: found a whole number; write `true` or `false` [wrong-type]",
            "relay.toml:11:10: webhook[0].active: found a text; write `true` or `false` [wrong-type]",
            "relay.toml:12:17: webhook[0].signingSecret: a secret is not written here; write where it is: `env:NAME` or `file:/path` [secret-source]",
            "relay.toml:16:20: webhook[1].compatibleSecret: nothing is signed with it; write `signing.compatible`, too [secret-source]",
            "relay.toml:17:11: webhook[1].signing: found a whole number; write a table: `signing = { … }` [wrong-type]",
            "relay.toml:18:9: webhook[1].optIn: found a whole number; write `true` or `false` [wrong-type]",
        ],
    ),
    (
        "[[apiKey]]\nname = \"a\"\nhash = \"sha256:12\"\nscopes = [\"events:wirte\", \"all\"]\n[[apiKey]]\nname = \"a\"\nhash = \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n[[apiKey]]\nname = \"b\"\nhash = \"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"\nscopes = []\nproject = \"\"",
        &[
            "relay.toml:3:8: apiKey[0].hash: a hash is `sha256:` and 64 hexadecimal digits, as `cuehook-relay key NAME` prints it; the key itself is not written here [wrong-value]",
            "relay.toml:4:11: apiKey[0].scopes[0]: there is no such scope; did you mean `events:write`? [wrong-value]",
            "relay.toml:4:27: apiKey[0].scopes[1]: there is no such scope; write `events:write` or `events:read` or `metrics:read` or `webhooks:read` or `webhooks:write` or `deliveries:read` or `deliveries:write` or `projects:read` or `projects:write` or `editions:read` or `editions:write` or `audit:read` [wrong-value]",
            "relay.toml:5:1: apiKey[1]: `scopes` is missing; write `scopes = [\"events:write\"]` [missing-key]",
            "relay.toml:6:8: apiKey[1].name: another API key has this name [duplicate]",
            "relay.toml:10:8: apiKey[2].hash: another API key has this hash [duplicate]",
            "relay.toml:12:11: apiKey[2].project: a project's id is one line of 1 to 128 bytes [wrong-value]",
        ],
    ),
    (
        "database = \"postgres://u:s3cret@h/d?sslmode=allow\"",
        &[
            "relay.toml:1:12: database: `sslmode` of the database's address has to be `disable`, `prefer`, `require`, `verify-ca` or `verify-full` [wrong-value]",
        ],
    ),
    (
        "database = \"mysql://u:s3cret@h/d\"",
        &[
            "relay.toml:1:12: database: write `sqlite:PATH`, `postgres://…`, or where that is written: `env:NAME`, `file:/path` [wrong-value]",
        ],
    ),
    (
        "database = \"postgres://u:s3cret@h:port/d\"",
        &[
            "relay.toml:1:12: database: this is no address of PostgreSQL; write `postgres://user:password@host:5432/name`, with other characters than letters and digits of user and password percent-encoded [wrong-value]",
        ],
    ),
];

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    for (text, expected) in CASES {
        let case = Case::new(text)
            .with("SET", "value")
            .with("BLANK", "  ")
            .with("LINES", "one\ntwo")
            .with("SHORT", "s3cret")
            .file("empty", "\n");
        std::fs::write(case.path().join("bytes"), [0xff, 0xfe]).unwrap();
        let refused = case.refused();
        assert_eq!(refused, *expected, "{text}");
        assert!(!refused.concat().contains("s3cret"), "{refused:?}");
    }
}

#[test]
fn what_is_wrong_in_the_environment_or_an_option_is_said_there() {
    let mut case = Case::new("")
        .with("CUEHOOK_RELAY_LIMITS_CALL_BYTES", "many")
        .with("CUEHOOK_RELAY_MASTER_KEYS", "c2hvcnQ=")
        .with("CUEHOOK_RELAY_PLAYERS_KEYS", "env:NOWHERE");
    case.sources.listen = Some("everywhere".to_owned());
    case.sources.origins = vec!["https://a.example".to_owned(), "*".to_owned()];
    assert_eq!(
        case.refused(),
        [
            "CUEHOOK_RELAY_LIMITS_CALL_BYTES: limits.callBytes: found a text; write a whole number from 1024 to 16777216 [wrong-type]",
            "CUEHOOK_RELAY_MASTER_KEYS: masterKeys[0]: a master key is 32 random bytes as base64, 44 characters; `cuehook-relay key --master` makes one [secret-source]",
            "CUEHOOK_RELAY_PLAYERS_KEYS: players.keys[0]: the environment has no variable `NOWHERE` [secret-source]",
            "--listen: listen: write an address and a port, such as `127.0.0.1:8788`, or `0.0.0.0:8788` for all addresses [wrong-value]",
            "--origin: players.origins[1]: `*` would let every page in; list the origins one by one [wrong-value]",
        ]
    );
}

#[test]
fn a_relay_that_others_can_reach_needs_a_key_of_its_operator() {
    let case = Case::new("listen = \"[::]:80\"\n[players]\norigins = [\"https://a.example\"]").without_keys();
    let faults = case.load().unwrap_err().0;
    assert_eq!((faults.len(), faults[0].code), (1, FaultCode::NeededOffLoopback));
    assert_eq!(faults[0].path, "masterKeys");
    assert!(!case.path().join(KEY_FILE).exists());
}

#[test]
fn master_keys_are_not_written_into_the_file() {
    let case = Case::new(&format!("masterKeys = [\"{KEY}\"]")).without_keys();
    let refused = case.refused();
    assert!(
        refused[0].starts_with("relay.toml:1:15: masterKeys[0]: a secret is not written here"),
        "{refused:?}"
    );
    assert!(!refused.concat().contains(KEY));
}

#[test]
fn there_are_bounds_on_how_many() {
    let many = |count: usize, entry: &str| entry.repeat(count);
    let webhooks = many(1001, "[[webhook]]\nid=\"a\"\nurl=\"https://a.example\"\n");
    assert_eq!(
        Case::new(&webhooks).refused(),
        ["relay.toml:1:1: webhook: there are 1001; at most 1000 are allowed [too-many]"]
    );
    let headers = format!(
        "[[webhook]]\nid = \"a\"\nurl = \"https://a.example\"\nheaders = [{}]",
        many(17, "{ name = \"a\", value = \"b\" },")
    );
    assert_eq!(
        Case::new(&headers).refused(),
        ["relay.toml:4:11: webhook[0].headers: there are 17; at most 16 are allowed [too-many]"]
    );
    let keys = format!("[players]\nkeys = [{}]", many(3, "\"env:A\","));
    assert_eq!(
        Case::new(&keys).refused(),
        ["relay.toml:2:9: players.keys: there are 3; at most 2 are allowed [too-many]"]
    );
    let unknown: String = (0..5000).map(|number| format!("zzz{number} = 1\n")).collect();
    assert_eq!(Case::new(&unknown).refused().len(), 200);
}

#[test]
fn codes_are_words_of_their_own() {
    let mut words: Vec<&str> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), FaultCode::ALL.len());
}

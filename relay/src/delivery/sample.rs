//! Sample events, for test sends: what a receiver will get of each type, of a video, a viewer and a page that do not exist.

use crate::store::UnixMs;
use cuehook_json::write_string;
use cuehook_protocol::{Event, EventSession, rfc3339};
use uuid::Uuid;

/// The types that there are samples of their own for. Others are taken for the page's own.
pub const TYPES: [&str; 24] = [
    "view.started",
    "view.progressed",
    "view.ended",
    "interaction.clicked",
    "question.answered",
    "cta.clicked",
    "annotation.clicked",
    "lead.captured",
    "webhook.executed",
    "webhook.failed",
    "events.lost",
    "video.created",
    "edition.scheduled",
    "edition.unscheduled",
    "live-stream.broadcast.started",
    "live-stream.broadcast.ended",
    "video.source.recorded",
    "video.encoding.quality.completed",
    "video.caption.generated",
    "video.summary.generated",
    "endpoint.failing",
    "endpoint.disabled",
    "endpoint.recovered",
    "delivery.exhausted",
];

/// How long before its event the view began, in milliseconds.
const VIEWED_MS: UnixMs = 31_000;
/// How long before its event the session began, in milliseconds.
const SESSION_MS: UnixMs = 60_000;
/// A day in milliseconds.
const DAY_MS: UnixMs = 86_400_000;

/// What stands in `data.video`, without the last field and the bracket.
const VIDEO: &str = "{\"id\":\"sample-video\",\"title\":\"Sample video\",\"number\":4711,\
    \"thumbnail\":\"https://shop.example/sample.jpg\",\"downloadUrl\":\"https://shop.example/sample.mp4\",\
    \"shareUrl\":\"https://shop.example/sample\",\"embedUrl\":\"https://shop.example/embed/sample\",\"duration\":31.04";
const VIEWER: &str =
    "{\"id\":\"u-17\",\"name\":\"Ada Lovelace\",\"email\":\"ada@example.org\",\"phone\":\"+49 30 1234567\"}";
const SESSION: &str = "019aa2f4-7a10-7c3e-9d52-0b6c7f1e2a33";
const VIEW: &str = "019aa2f4-8b21-7f04-8a6e-5d1c2b3a4f50";
const ITEM: &str = "019aa2f4-9050-7a01-9b02-1c2d3e4f5a65";

/// A sample event of a type in its canonical form, as it would be stored: with this id, as if it had happened now.
pub fn sample(kind: &str, id: Uuid, now: UnixMs) -> String {
    match told(kind, now) {
        Some(data) => {
            let mut out = String::from("{\"type\":");
            write_string(kind, &mut out);
            out.push_str(&format!(",\"timestamp\":\"{}\",\"id\":\"{id}\",\"data\":{data}}}", time(now)));
            out
        }
        None => {
            let (started, viewed) = (time(now - SESSION_MS), time(now - VIEWED_MS));
            Event {
                kind,
                id: &id.to_string(),
                timestamp: &time(now),
                video: &format!("{VIDEO},\"currentTime\":28.1}}"),
                session: EventSession {
                    id: SESSION,
                    started_at: &started,
                    seq: 1,
                    page: Some("https://shop.example/sample"),
                },
                view: &format!("{{\"id\":\"{VIEW}\",\"startedAt\":\"{viewed}\"}}"),
                viewer: Some(VIEWER),
                more: &done(kind, &time(now)),
            }
            .to_text()
        }
    }
}

/// A time as text.
#[allow(clippy::cast_precision_loss)]
fn time(ms: UnixMs) -> String {
    rfc3339(ms as f64)
}

/// The `data` of an event that no player tells of; none if one does.
fn told(kind: &str, now: UnixMs) -> Option<String> {
    const LIVE: &str = "\"liveStreamId\":\"li0000000000000000000000\"";
    const VI: &str = "\"videoId\":\"vi0000000000000000000000\"";
    let endpoint = |more: &str| {
        let since = time(now - DAY_MS);
        format!("{{\"webhook\":\"sample-webhook\",\"topic\":\"lead.captured\",\"since\":\"{since}\"{more}}}")
    };
    Some(match kind {
        "video.created" => {
            format!("{{\"video\":{VIDEO}}},\"account\":\"24880\",\"createdBy\":\"ada@example.org\"}}")
        }
        "edition.scheduled" | "edition.unscheduled" => {
            let status = if kind == "edition.scheduled" { "scheduled" } else { "draft" };
            format!(
                "{{\"edition\":{{\"id\":\"sample-edition\",\"name\":\"Sample edition\",\"start\":\"{}\",\"end\":\"{}\",\
                 \"status\":\"{status}\"}}}}",
                time(now + DAY_MS),
                time(now + 8 * DAY_MS)
            )
        }
        "live-stream.broadcast.started" | "live-stream.broadcast.ended" => format!("{{{LIVE}}}"),
        "video.source.recorded" => format!("{{{LIVE},{VI}}}"),
        "video.encoding.quality.completed" => {
            format!("{{{VI},{LIVE},\"encoding\":\"hls\",\"quality\":\"720p\"}}")
        }
        "video.caption.generated" => format!(
            "{{{VI},\"captionId\":\"ca0000000000000000000000\",\"generationMode\":\"transcript\",\"language\":\"en\"}}"
        ),
        "video.summary.generated" => format!("{{{VI},\"summaryId\":\"su0000000000000000000000\"}}"),
        "endpoint.failing" => endpoint(",\"reason\":\"the server answered with status 503\",\"percent\":50"),
        "endpoint.disabled" => {
            endpoint(",\"reason\":\"the server answered with status 410\",\"percent\":100")
        }
        "endpoint.recovered" => endpoint(""),
        "delivery.exhausted" => {
            endpoint(&format!(",\"reason\":\"the server answered with status 503\",\"event\":\"{ITEM}\""))
        }
        _ => return None,
    })
}

/// What an event of a player has in `data` besides what all of them have, with a comma before each.
fn done(kind: &str, at: &str) -> String {
    const WEBHOOK: &str = ",\"webhook\":{\"id\":\"discount\",\"name\":\"Discount code\"}";
    let interaction = |type_of: &str, element: &str, label: &str, more: &str| {
        format!(
            ",\"interaction\":{{\"id\":\"{ITEM}\",\"type\":\"{type_of}\",\"element\":\"{element}\",\"label\":\"{label}\",\
             \"mediaTime\":28.1,\"at\":\"{at}\"{more}}}"
        )
    };
    match kind {
        "view.started" => String::new(),
        "view.progressed" => {
            ",\"progress\":{\"milestone\":90,\"percent\":90.528,\"seconds\":28.1,\"furthest\":28.1,\
             \"position\":28.1}"
                .to_owned()
        }
        "view.ended" => {
            ",\"watched\":{\"ranges\":[[0,28.1]],\"percent\":90.528,\"seconds\":28.1,\"furthest\":28.1},\
             \"reason\":\"left\""
                .to_owned()
        }
        "interaction.clicked" => interaction("click", "map", "Where it is", ""),
        "cta.clicked" => interaction(
            "click",
            "buy",
            "Buy now",
            ",\"records\":\"cta\",\"url\":\"https://shop.example/buy\"",
        ),
        "annotation.clicked" => interaction(
            "click",
            "where",
            "Where we are",
            ",\"records\":\"annotation\",\"url\":\"https://shop.example/map\"",
        ),
        "question.answered" => {
            interaction("answer", "lake", "Which lake is this?", "")
                + ",\"question\":{\"text\":\"Which lake is this?\",\"choices\":[{\"id\":\"constance\",\
                   \"label\":\"Lake Constance\",\"correct\":true},{\"id\":\"geneva\",\"label\":\"Lake Geneva\"}],\
                   \"answer\":\"constance\",\"answers\":[\"constance\"],\"correct\":true,\"attempts\":1,\"score\":1}"
        }
        "lead.captured" => {
            interaction("submit", "catalogue", "The catalogue, by e-mail", ",\"records\":\"lead\"")
                + ",\"lead\":{\"givenName\":\"Ada\",\"familyName\":\"Lovelace\",\"email\":\"ada@example.org\",\
                   \"tel\":\"+49 30 1234567\",\"organization\":\"Analytical Engines\"},\
                   \"form\":{\"id\":\"catalogue\",\"fields\":[{\"name\":\"mail\",\"label\":\"E-mail\",\
                   \"value\":\"ada@example.org\"}]}"
        }
        "webhook.executed" => {
            format!(
                "{WEBHOOK},\"request\":{{\"id\":\"{ITEM}\",\"attempts\":1,\"durationMs\":184,\"status\":200}}"
            )
        }
        "webhook.failed" => format!(
            "{WEBHOOK},\"request\":{{\"id\":\"{ITEM}\",\"attempts\":3,\"durationMs\":8000,\"status\":503}},\
             \"error\":{{\"code\":\"http-status\",\"message\":\"the server answered with status 503\"}}"
        ),
        "events.lost" => {
            format!(",\"lost\":{{\"session\":\"{SESSION}\",\"count\":2,\"seqs\":[3,5],\"reason\":\"full\"}}")
        }
        _ => ",\"properties\":{\"sku\":\"A-17\",\"price\":19.9}".to_owned(),
    }
}

/// The body of a sample call, as a player sends it: what templates are tried with.
pub fn sample_call(id: Uuid, now: UnixMs) -> String {
    format!(
        "{{\"type\":\"webhook.executed\",\"id\":\"{id}\",\"timestamp\":\"{0}\",\
         \"webhook\":{{\"id\":\"sample-webhook\",\"name\":\"Sample webhook\"}},\
         \"video\":{{\"id\":\"sample-video\",\"title\":\"Sample video\",\"currentTime\":28.1,\"duration\":31.04}},\
         \"session\":{{\"id\":\"{SESSION}\",\"startedAt\":\"{1}\",\"page\":\"https://shop.example/sample\"}},\
         \"trigger\":{{\"element\":\"get-code\",\"event\":\"click\"}},\"params\":{{\"sku\":\"A-17\"}},\
         \"context\":{{\"viewerName\":\"Ada\"}},\"interactions\":[{{\"seq\":1,\"id\":\"{ITEM}\",\"type\":\"click\",\
         \"element\":\"get-code\",\"label\":\"Get my discount code\",\"mediaTime\":28.1,\"at\":\"{0}\"}}],\
         \"truncated\":false,\"contextTruncated\":false}}",
        time(now),
        time(now - SESSION_MS)
    )
}
